# Who may do what. Nothing is public unless it is asked for, and nobody has more than his work needs.

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

run "push_targets_are_private" {
  assert {
    condition = alltrue([
      for name in ["updater", "counter-tally"] : google_cloud_run_v2_service.service[name].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    ])
    error_message = "Updater and tally are reached from within the project alone, which Pub/Sub's pushes are."
  }
  assert {
    condition = { for caller in google_cloud_run_v2_service_iam_member.caller : caller.name => caller.member... } == {
      talaria-updater       = ["serviceAccount:${google_service_account.account["push"].email}", "serviceAccount:${google_service_account.account["scheduler"].email}"]
      talaria-counter-tally = ["serviceAccount:${google_service_account.account["push"].email}"]
      talaria-publisher     = ["serviceAccount:${google_service_account.account["tag"].email}"]
    }
    error_message = "Pushes by the push account alone, drains by the scheduler's; the publisher by the tag's; the page by nobody until there are readers."
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.service : service.invoker_iam_disabled != true])
    error_message = "Cloud Run asks who calls, at every service."
  }
}

# What is written elsewhere than where the assertions above look would pass them, so the text itself is looked through.
run "nothing_else_opens_a_door" {
  assert {
    condition = length(local.callers) > 0 && {
      for name in fileset(".", "*.tf") : name => length(regexall("allUsers|allAuthenticatedUsers", file(name)))
      if can(regex("allUsers|allAuthenticatedUsers", file(name)))
    } == { "run_callers.tf" = 1 }
    error_message = "Everybody is named once: for a publisher that checks its callers itself."
  }
  assert {
    condition = length(local.callers) > 0 && [
      for name in fileset(".", "*.tf") : name
      if can(regex("invoker_iam_disabled|roles/(owner|editor|viewer)\\b|roles/[a-z]+[.]admin\\b|roles/iam[.]serviceAccount(User|KeyAdmin|TokenCreator)\\b|service_account_key|iam_(policy|binding)\"", file(name)))
    ] == []
    error_message = "No basic or admin roles, no keys, no acting as another account, nothing that replaces others' grants."
  }
}

run "each_account_has_the_rights_of_its_work" {
  assert {
    condition     = { for name, member in google_pubsub_topic_iam_member.publishers : name => member.role } == { publisher = "roles/pubsub.publisher", counter-page = "roles/pubsub.publisher" }
    error_message = "The publisher publishes, and the page replays."
  }
  assert {
    condition = alltrue([
      for name, member in google_project_iam_member.database : contains(["updater", "counter-tally", "counter-page"], name)
      && member.role == "roles/datastore.user" && member.condition[0].expression == "resource.name==\"projects/my-shop-talaria/databases/(default)\""
      && member.member == "serviceAccount:${google_service_account.account[name].email}"
    ]) && length(google_project_iam_member.database) == 3
    error_message = "Updater and counter read and write this database and no other."
  }
  assert {
    condition = { for name, reader in google_secret_manager_secret_iam_member.reader : name => reader.member } == {
      CRM_API_KEY    = "serviceAccount:${google_service_account.account["updater"].email}"
      erp-key        = "serviceAccount:${google_service_account.account["updater"].email}"
      talaria-routes = "serviceAccount:${google_service_account.account["updater"].email}"
    }
    error_message = "The updater reads the secrets that routes name, by name without version; another project's are its owner's to grant."
  }
  assert {
    condition     = length(google_pubsub_topic_iam_member.tag) == 0 && length(google_service_account_iam_member.tag_tokens) == 0
    error_message = "A container that is not named gets nothing."
  }
}

run "a_tag_mints_tokens_and_writes_to_the_topic_only_where_that_is_set" {
  variables {
    tag_runs_as         = ["sgtm@my-shop.iam.gserviceaccount.com"]
    tag_writes_to_topic = true
    publisher_callers   = ["serviceAccount:shop@my-shop.iam.gserviceaccount.com"]
  }
  assert {
    condition = (
      one(values(google_service_account_iam_member.tag_tokens)).role == "roles/iam.serviceAccountOpenIdTokenCreator"
      && one(values(google_service_account_iam_member.tag_tokens)).service_account_id == google_service_account.account["tag"].name
      && one(values(google_service_account_iam_member.tag_tokens)).member == "serviceAccount:sgtm@my-shop.iam.gserviceaccount.com"
      && one(values(google_pubsub_topic_iam_member.tag)).topic == "backend-updates"
    )
    error_message = "The container mints identity tokens of the tag's account, and no others."
  }
  assert {
    condition = toset([for caller in google_cloud_run_v2_service_iam_member.caller : caller.member if caller.name == "talaria-publisher"]) == toset([
      "serviceAccount:${google_service_account.account["tag"].email}", "serviceAccount:shop@my-shop.iam.gserviceaccount.com",
    ])
    error_message = "The publisher's callers are the tag and those named."
  }
}

run "everybody_is_no_caller" {
  command = plan
  variables {
    publisher_callers = ["allUsers"]
  }
  expect_failures = [var.publisher_callers]
}

run "everybody_is_no_reader" {
  command = plan
  variables {
    page_readers = ["allAuthenticatedUsers"]
  }
  expect_failures = [var.page_readers]
}
