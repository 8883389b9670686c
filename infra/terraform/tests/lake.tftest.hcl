# The event lake holds what the publisher redacted, and nothing that came past it.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project   = "my-shop-talaria"
  region    = "europe-west1"
  image_tag = "build-1"
  routes    = "tests/routes.yaml"
  services  = { updater = { environment = { CRM_API_URL = "https://crm.example" } } }
}

run "there_is_no_event_lake_unless_it_is_asked_for" {
  assert {
    condition     = length(google_bigquery_table.events) == 0 && length(google_pubsub_subscription.lake) == 0 && !contains(keys(google_project_service.used), "bigquery")
    error_message = "Also redacted events name their users by an id: nobody keeps them without having said so."
  }
}

run "an_event_lake_keeps_what_was_published" {
  variables {
    lake = { location = "EU" }
  }
  assert {
    condition = (
      google_pubsub_subscription.lake[0].bigquery_config[0].table == "my-shop-talaria.talaria.events"
      && google_pubsub_subscription.lake[0].bigquery_config[0].write_metadata
      && google_pubsub_subscription.lake[0].expiration_policy[0].ttl == ""
      && !startswith(google_pubsub_subscription.lake[0].name, "backend-updates.")
    )
    error_message = "A subscription writes rows with their metadata, under a name that no destination can have."
  }
  assert {
    condition     = google_pubsub_subscription.lake[0].filter == "attributes:schemaVersion"
    error_message = "What others write to the topic, which nobody redacts, stays out."
  }
  assert {
    condition     = [for column in jsondecode(google_bigquery_table.events[0].schema) : column.name] == ["subscription_name", "message_id", "publish_time", "attributes", "data"]
    error_message = "The columns are those that a subscription with metadata fills."
  }
  assert {
    condition     = toset([for member in google_bigquery_table_iam_member.agent : member.role]) == toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"])
    error_message = "Pub/Sub's agent writes to this table."
  }
}

run "an_event_lake_without_redaction_is_refused" {
  command = plan
  variables {
    lake      = { location = "EU", events_hold_no_personal_data = true }
    redaction = { emails = "off" }
  }
  expect_failures = [var.lake]
}

run "an_event_lake_of_events_that_are_kept_whole_is_refused" {
  command = plan
  variables {
    lake      = { location = "EU" }
    redaction = { keep = ["/data/*"] }
  }
  expect_failures = [var.lake]
}

run "an_event_lake_with_card_numbers_is_refused" {
  command = plan
  variables {
    lake      = { location = "EU" }
    redaction = { card_numbers = "off" }
  }
  expect_failures = [var.lake]
}

run "an_event_lake_beside_a_tag_that_writes_to_the_topic_needs_a_word" {
  command = plan
  variables {
    lake                = { location = "EU" }
    tag_writes_to_topic = true
  }
  expect_failures = [var.lake]
}

run "with_that_word_it_keeps_everything_under_another_name" {
  variables {
    lake                = { location = "EU", events_hold_no_personal_data = true }
    tag_writes_to_topic = true
  }
  assert {
    condition     = google_pubsub_subscription.lake[0].filter == null && google_pubsub_subscription.lake[0].name == "backend-updates-lake-all"
    error_message = "A filter can't be changed, so another one is another subscription."
  }
}
