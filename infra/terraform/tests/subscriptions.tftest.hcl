# What Pub/Sub must be: nothing slows anything else, nothing is lost, nothing loops for ever.

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

run "each_destination_has_its_subscription" {
  assert {
    condition = toset([for subscription in google_pubsub_subscription.events : subscription.name]) == toset([
      "backend-updates.crm", "backend-updates.erp", "backend-updates.mail~b6f238d6", "backend-updates.shop",
      "backend-updates.counter",
    ])
    error_message = "One subscription a destination, one of the counter; a filter's hash is part of the name."
  }
  assert {
    condition     = google_pubsub_subscription.events["mail~b6f238d6"].filter == "attributes.eventType = \"purchase\""
    error_message = "The filter is the routes file's, as it is written there."
  }
  assert {
    condition     = length([for part, subscription in google_pubsub_subscription.events : part if subscription.filter != null]) == 1
    error_message = "There is a filter where the routes file has one, and nowhere else."
  }
  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.events : subscription.topic == google_pubsub_topic.events.id])
    error_message = "All of them are of the publisher's topic."
  }
}

run "deadlines_leave_time_for_two_calls" {
  assert {
    condition = { for part, subscription in google_pubsub_subscription.events : part => subscription.ack_deadline_seconds } == {
      crm = 60, erp = 110, "mail~b6f238d6" = 270, shop = 61, counter = 60
    }
    error_message = "An ack deadline is twice the timeout and 30 s, at least 60 s and at most 600 s."
  }
  assert {
    condition     = tonumber(trimsuffix(google_cloud_run_v2_service.service["updater"].template[0].timeout, "s")) > 270
    error_message = "Cloud Run must not end a push before Pub/Sub does."
  }
}

run "refused_messages_come_again_with_growing_distance_and_are_kept" {
  assert {
    condition = alltrue([
      for subscription in concat(values(google_pubsub_subscription.events), [google_pubsub_subscription.dead_letters]) :
      subscription.retry_policy[0].minimum_backoff == "10s" && subscription.retry_policy[0].maximum_backoff == "600s"
      && subscription.message_retention_duration == "604800s" && subscription.expiration_policy[0].ttl == ""
    ])
    error_message = "Every subscription: 10 to 600 s, kept for 7 days, never expiring."
  }
  assert {
    condition = alltrue([
      for subscription in values(google_pubsub_subscription.events) :
      subscription.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead_letters.id
      && subscription.dead_letter_policy[0].max_delivery_attempts == 100
    ])
    error_message = "After 100 deliveries a message goes to the dead-letter topic."
  }
  assert {
    condition = alltrue([
      for subscription in concat(values(google_pubsub_subscription.events), [google_pubsub_subscription.dead_letters]) :
      subscription.enable_message_ordering != true && subscription.enable_exactly_once_delivery != true
      && length(subscription.push_config[0].no_wrapper) == 0
    ])
    error_message = "No order, which holds messages up behind one; wrapped, because the services read the envelope."
  }
}

run "what_is_given_up_is_kept_by_the_updater" {
  assert {
    condition = (
      google_pubsub_topic.dead_letters.name == "backend-updates-dead-letter"
      && google_pubsub_subscription.dead_letters.name == "backend-updates-dead-letter.updater"
      && google_pubsub_subscription.dead_letters.topic == google_pubsub_topic.dead_letters.id
    )
    error_message = "The dead-letter topic has a subscription; without one its messages are lost."
  }
  assert {
    condition     = endswith(google_pubsub_subscription.dead_letters.push_config[0].push_endpoint, "/dead-letter")
    error_message = "It is pushed to the updater's /dead-letter."
  }
  assert {
    condition     = length(google_pubsub_subscription.dead_letters.dead_letter_policy) == 0 && google_pubsub_subscription.dead_letters.ack_deadline_seconds == 60
    error_message = "Nobody gives up what it delivers."
  }
}

run "pushes_prove_who_sent_them" {
  assert {
    condition = { for part, subscription in google_pubsub_subscription.events : part => subscription.push_config[0].push_endpoint } == {
      crm             = "https://talaria-updater-123456789012.europe-west1.run.app/process-backend-update/crm"
      erp             = "https://talaria-updater-123456789012.europe-west1.run.app/process-backend-update/erp"
      "mail~b6f238d6" = "https://talaria-updater-123456789012.europe-west1.run.app/process-backend-update/mail"
      shop            = "https://talaria-updater-123456789012.europe-west1.run.app/process-backend-update/shop"
      counter         = "https://talaria-counter-tally-123456789012.europe-west1.run.app/tally"
    }
    error_message = "A destination's messages go to its own address of the updater, and all of them to the counter."
  }
  assert {
    condition = alltrue([
      for subscription in concat(values(google_pubsub_subscription.events), [google_pubsub_subscription.dead_letters]) :
      subscription.push_config[0].oidc_token[0].service_account_email == google_service_account.account["push"].email
      && subscription.push_config[0].oidc_token[0].audience == regex("^https://[^/]+", subscription.push_config[0].push_endpoint)
    ])
    error_message = "Each push carries a token of the push account for the service that it goes to."
  }
}

run "pubsub_itself_may_do_what_is_asked_of_it" {
  assert {
    condition = (
      google_pubsub_topic_iam_member.agent_forwards.topic == google_pubsub_topic.dead_letters.name
      && google_pubsub_topic_iam_member.agent_forwards.role == "roles/pubsub.publisher"
      && google_pubsub_topic_iam_member.agent_forwards.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    )
    error_message = "Pub/Sub's agent publishes to the dead-letter topic."
  }
  assert {
    condition = (
      { for part, member in google_pubsub_subscription_iam_member.agent_acknowledges : part => member.subscription }
      == { for part, subscription in google_pubsub_subscription.events : part => subscription.name }
      && alltrue([
        for member in google_pubsub_subscription_iam_member.agent_acknowledges : member.role == "roles/pubsub.subscriber"
        && member.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
      ])
    )
    error_message = "Pub/Sub's agent is a subscriber of every subscription that has a dead-letter topic."
  }
  assert {
    condition = (
      google_service_account_iam_member.agent_signs.service_account_id == google_service_account.account["push"].name
      && contains(["roles/iam.serviceAccountOpenIdTokenCreator", "roles/iam.serviceAccountTokenCreator"], google_service_account_iam_member.agent_signs.role)
      && google_service_account_iam_member.agent_signs.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    )
    error_message = "Pub/Sub's agent signs tokens of the push account."
  }
}

run "a_destination_that_is_gone_keeps_its_subscription_until_it_owes_nothing" {
  variables {
    retiring = { "mail~00000000" = { filter = "attributes:old", ack_deadline_seconds = 270 }, gone = {} }
  }
  assert {
    condition = (
      google_pubsub_subscription.events["mail~00000000"].filter == "attributes:old"
      && endswith(google_pubsub_subscription.events["mail~00000000"].push_config[0].push_endpoint, "/process-backend-update/mail")
      && google_pubsub_subscription.events["gone"].name == "backend-updates.gone"
      && length(google_pubsub_subscription.events) == 7
    )
    error_message = "Retiring subscriptions stay beside the others, with what they were made with."
  }
}
