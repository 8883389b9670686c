# What runs, with which settings, under which limits.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project   = "my-shop-talaria"
  region    = "europe-west1"
  image_tag = "build-1"
  routes    = "tests/routes.yaml"
  time_zone = "Europe/Berlin"
  services = {
    updater = { max_instances = 4, environment = { CRM_API_URL = "https://crm.example", TALARIA_PUSH_CALLERS__MODE = "trusted-network" } }
  }
}

run "four_services_run_from_three_images_each_as_itself" {
  assert {
    condition = { for name, service in google_cloud_run_v2_service.service : name => service.template[0].containers[0].image } == {
      publisher     = "europe-west1-docker.pkg.dev/my-shop-talaria/talaria/publisher:build-1"
      updater       = "europe-west1-docker.pkg.dev/my-shop-talaria/talaria/updater:build-1"
      counter-tally = "europe-west1-docker.pkg.dev/my-shop-talaria/talaria/counter:build-1"
      counter-page  = "europe-west1-docker.pkg.dev/my-shop-talaria/talaria/counter:build-1"
    }
    error_message = "Publisher, updater, and the counter twice; the sandbox only when it is asked for."
  }
  assert {
    condition     = alltrue([for name, service in google_cloud_run_v2_service.service : service.template[0].service_account == google_service_account.account[name].email])
    error_message = "Each service runs as its own account."
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.service : service.deletion_protection])
    error_message = "Services are protected unless that is turned off."
  }
}

run "probes_ask_addresses_that_reach_the_service" {
  assert {
    condition = alltrue([
      for service in google_cloud_run_v2_service.service :
      service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health/ready"
      && service.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health/live"
    ])
    error_message = "Ready before there is traffic, alive afterwards; no path ends in z, which Cloud Run keeps for itself."
  }
  assert {
    condition = alltrue([
      for service in google_cloud_run_v2_service.service :
      service.template[0].containers[0].startup_probe[0].period_seconds * service.template[0].containers[0].startup_probe[0].failure_threshold <= 240
      && service.template[0].containers[0].startup_probe[0].timeout_seconds <= service.template[0].containers[0].startup_probe[0].period_seconds
    ])
    error_message = "Cloud Run takes no more than 240 s of start-up probes, and no timeout above the period."
  }
}

run "limits_hold_for_the_deployment" {
  assert {
    condition = (
      google_cloud_run_v2_service.service["updater"].template[0].scaling[0].max_instance_count == 4
      && one([for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : variable.value if variable.name == "TALARIA_MAX_INSTANCES"]) == "4"
    )
    error_message = "The updater divides a destination's limits by the most instances that Cloud Run starts."
  }
  assert {
    condition     = google_cloud_run_v2_service.service["counter-page"].template[0].max_instance_request_concurrency > 256 && google_cloud_run_v2_service.service["counter-page"].template[0].timeout == "3600s"
    error_message = "256 open pages leave room for the API, and stay open for as long as Cloud Run lets them."
  }
  assert {
    condition     = google_cloud_run_v2_service.service["counter-tally"].template[0].max_instance_request_concurrency == 500
    error_message = "A commit takes up to 500 events, which must be able to wait for it together."
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.service : service.template[0].containers[0].resources[0].cpu_idle])
    error_message = "Processors are paid for while requests are worked on, unless cpu_always is set."
  }
}

run "each_service_is_told_what_it_needs" {
  variables {
    telemetry = null
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value } == {
      GOOGLE_CLOUD_PROJECT              = "my-shop-talaria"
      TALARIA_BUS__BACKEND              = "pubsub"
      TALARIA_TOPIC                     = "backend-updates"
      TALARIA_CALLERS                   = "cloud-run-iam"
      TALARIA_ID_TOKEN__AUDIENCE        = "https://talaria-publisher-123456789012.europe-west1.run.app"
      TALARIA_ID_TOKEN__SERVICE_ACCOUNT = google_service_account.account["tag"].email
      TALARIA_ALLOWED_EVENTS            = ""
      TALARIA_REDACTION__EMAILS         = "redact"
      TALARIA_REDACTION__CARD_NUMBERS   = "redact"
      TALARIA_REDACTION__PHONE_NUMBERS  = "off"
      TALARIA_REDACTION__KEEP           = ""
    }
    error_message = "The publisher: Pub/Sub, its topic, callers that Cloud Run has checked, and what it redacts."
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : variable.name => variable.value } == {
      GOOGLE_CLOUD_PROJECT                  = "my-shop-talaria"
      TALARIA_STORE__BACKEND                = "firestore"
      TALARIA_STORE__DATABASE               = "(default)"
      TALARIA_PUSH_CALLERS__MODE            = "cloud-run-iam"
      TALARIA_PUSH_CALLERS__AUDIENCE        = "https://talaria-updater-123456789012.europe-west1.run.app"
      TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT = "${google_service_account.account["push"].email},${google_service_account.account["scheduler"].email}"
      TALARIA_ROUTES                        = "/etc/talaria/routes.yaml"
      TALARIA_SECRETS__SOURCE               = "secret-manager"
      TALARIA_MAX_INSTANCES                 = "4"
      TALARIA_HELD__DRAIN_INTERVAL          = "0s"
      CRM_API_URL                           = "https://crm.example"
    }
    error_message = "The updater: Firestore, checked pushes (which no variable turns off), routes, secrets, addresses."
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["counter-tally"].template[0].containers[0].env : variable.name => variable.value } == {
      GOOGLE_CLOUD_PROJECT                  = "my-shop-talaria"
      TALARIA_STORE__BACKEND                = "firestore"
      TALARIA_STORE__DATABASE               = "(default)"
      TALARIA_PUSH_CALLERS__MODE            = "cloud-run-iam"
      TALARIA_PUSH_CALLERS__AUDIENCE        = "https://talaria-counter-tally-123456789012.europe-west1.run.app"
      TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT = google_service_account.account["push"].email
      TALARIA_ROLE                          = "tally"
      TALARIA_TIME_ZONE                     = "Europe/Berlin"
    }
    error_message = "The counter that tallies takes pushes alone."
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["counter-page"].template[0].containers[0].env : variable.name => variable.value } == {
      GOOGLE_CLOUD_PROJECT    = "my-shop-talaria"
      TALARIA_STORE__BACKEND  = "firestore"
      TALARIA_STORE__DATABASE = "(default)"
      TALARIA_BUS__BACKEND    = "pubsub"
      TALARIA_TOPIC           = "backend-updates"
      TALARIA_ROLE            = "page"
      TALARIA_TIME_ZONE       = "Europe/Berlin"
      TALARIA_PAGE_READERS    = "trusted-network"
    }
    error_message = "The page reads Firestore, replays to the topic, and trusts what stands in front."
  }
}

# A setting that a program doesn't know keeps it from starting. config/local.yaml has them all, but for those of Google's
# backends, which it has no use for.
run "every_setting_is_one_that_there_is" {
  variables {
    publisher_access          = "hmac"
    hmac_key_version          = "2"
    hmac_key_previous_version = "1"
    publisher_rate_limit      = { rate = "100/s", burst = 500 }
  }
  assert {
    condition = toset(flatten([
      for service in google_cloud_run_v2_service.service : [
        for variable in service.template[0].containers[0].env : variable.name
        if startswith(variable.name, "TALARIA_") && !can(regex("^TALARIA_(BUS|STORE)__", variable.name))
        && !can(regex("(?m)^[ #]*${lower(reverse(split("__", trimprefix(variable.name, "TALARIA_")))[0])}:", file("../../config/local.yaml")))
      ]
    ])) == toset([])
    error_message = "Each variable is a setting of config/local.yaml."
  }
}

run "latest_is_no_build" {
  command = plan
  variables {
    image_tag = "latest"
  }
  expect_failures = [var.image_tag]
}

run "a_setting_in_small_letters_is_refused" {
  command = plan
  variables {
    services = { publisher = { environment = { TALARIA_redaction__emails = "off" } }, updater = { environment = { CRM_API_URL = "https://crm.example" } } }
  }
  expect_failures = [var.services]
}
