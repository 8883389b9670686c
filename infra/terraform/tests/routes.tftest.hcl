# The routes file is where it all comes from: what Terraform can't read right, it refuses before anything is made.

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

run "the_file_is_kept_as_it_is_and_mounted_by_its_version" {
  assert {
    condition     = google_secret_manager_secret_version.routes.secret_data == file("tests/routes.yaml")
    error_message = "The updater gets the very file that the subscriptions were made from."
  }
  assert {
    condition     = google_secret_manager_secret_version.routes.deletion_policy == "ABANDON"
    error_message = "An earlier revision must still find its version of the routes file."
  }
  assert {
    condition = (
      google_cloud_run_v2_service.service["updater"].template[0].volumes[0].secret[0].items[0].version == "7"
      && google_cloud_run_v2_service.service["updater"].template[0].volumes[0].secret[0].items[0].path == "routes.yaml"
      && one(google_cloud_run_v2_service.service["updater"].template[0].containers[0].volume_mounts).mount_path == "/etc/talaria"
    )
    error_message = "The mounted version is pinned, so that a change of routes is a revision that can be taken back."
  }
}

run "the_routes_of_this_repository_are_understood" {
  variables {
    routes = "../../config/routes.yaml"
    services = { updater = { environment = {
      CRM_API_URL  = "https://a.example", LOYALTY_API_URL = "https://b.example", ERP_API_URL = "https://c.example"
      MAIL_API_URL = "https://d.example", CDP_API_URL = "https://e.example", SHOP_API_URL = "https://f.example"
    } } }
  }
  assert {
    condition     = toset(keys(google_pubsub_subscription.events)) == toset(["crm", "loyalty", "erp", "mail", "cdp", "shop", "counter"])
    error_message = "config/routes.yaml makes six destinations and the counter."
  }
  assert {
    condition     = toset(keys(google_secret_manager_secret.of_routes)) == toset(["CRM_API_KEY", "LOYALTY_API_KEY"])
    error_message = "It names two secrets."
  }
}

run "the_first_purchase_goes_to_the_sandbox" {
  variables {
    routes       = "examples/first-purchase.yaml"
    sandbox      = true
    services     = {}
    page_readers = ["user:you@example.com"]
  }
  assert {
    condition     = contains([for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : variable.value if variable.name == "SANDBOX_URL"], "https://talaria-sandbox-123456789012.europe-west1.run.app")
    error_message = "The updater is told where the sandbox is."
  }
  assert {
    condition = toset([for caller in google_cloud_run_v2_service_iam_member.caller : caller.member if caller.name == "talaria-sandbox"]) == toset([
      "serviceAccount:${google_service_account.account["updater"].email}", "user:you@example.com",
    ])
    error_message = "The updater calls the sandbox, readers look at it, nobody else."
  }
}

run "an_address_that_would_be_the_updater_itself_is_refused" {
  command = plan
  variables {
    services = {}
  }
  expect_failures = [google_secret_manager_secret_version.routes]
}

run "a_timeout_that_is_none_is_refused" {
  command = plan
  variables {
    routes = "tests/wrong/timeout.yaml"
  }
  expect_failures = [google_secret_manager_secret_version.routes]
}

run "a_name_that_the_counter_has_is_refused" {
  command = plan
  variables {
    routes = "tests/wrong/name.yaml"
  }
  expect_failures = [google_secret_manager_secret_version.routes]
}

run "a_filter_that_the_environment_would_fill_in_is_refused" {
  command = plan
  variables {
    routes = "tests/wrong/filter.yaml"
  }
  expect_failures = [google_secret_manager_secret_version.routes]
}
