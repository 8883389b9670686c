# A publisher that strangers reach tells them from its callers itself, and what it publishes is redacted.

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

run "a_private_publisher_looks_at_the_token_that_cloud_run_has_checked" {
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value if can(regex("CALLERS|ID_TOKEN", variable.name)) } == {
      TALARIA_CALLERS                   = "cloud-run-iam"
      TALARIA_ID_TOKEN__AUDIENCE        = "https://talaria-publisher-123456789012.europe-west1.run.app"
      TALARIA_ID_TOKEN__SERVICE_ACCOUNT = google_service_account.account["tag"].email
    }
    error_message = "A token of the tag's account for the publisher's address: should everybody be let through one day, nobody else gets in."
  }
}

run "people_and_groups_are_for_cloud_run_to_tell" {
  variables {
    publisher_callers = ["user:you@example.com"]
  }
  assert {
    condition = (
      contains([for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.value if variable.name == "TALARIA_CALLERS"], "trusted-network")
      && !contains([for caller in google_cloud_run_v2_service_iam_member.caller : caller.member], "allUsers")
    )
    error_message = "With people among the callers Cloud Run alone checks them, and lets in nobody else."
  }
}

run "a_public_publisher_asks_for_a_secret" {
  variables {
    publisher_access               = "shared-secret"
    shared_secret_version          = "4"
    shared_secret_previous_version = "3"
  }
  assert {
    condition     = { for caller in google_cloud_run_v2_service_iam_member.caller : caller.name => caller.member... if caller.member == "allUsers" || caller.name == "talaria-publisher" } == { talaria-publisher = ["allUsers"] }
    error_message = "The publisher, and nothing else, is public."
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value_source[0].secret_key_ref[0] if length(variable.value_source) > 0 } == {
      TALARIA_SHARED_SECRET          = { secret = "talaria-publisher-key", version = "4" }
      TALARIA_SHARED_SECRET_PREVIOUS = { secret = "talaria-publisher-key", version = "3" }
    }
    error_message = "Both versions are pinned."
  }
  assert {
    condition     = contains([for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.value if variable.name == "TALARIA_CALLERS"], "shared-secret")
    error_message = "A publisher that anybody reaches asks for the secret."
  }
  assert {
    condition     = { for name, reader in google_secret_manager_secret_iam_member.reader : name => reader.member if strcontains(name, "publisher") } == { talaria-publisher-key = "serviceAccount:${google_service_account.account["publisher"].email}" }
    error_message = "The publisher alone reads it."
  }
}

run "a_public_publisher_asks_for_a_signature" {
  variables {
    publisher_access          = "hmac"
    hmac_key_version          = "2"
    hmac_key_previous_version = "1"
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value_source[0].secret_key_ref[0] if length(variable.value_source) > 0 } == {
      TALARIA_HMAC_KEY          = { secret = "talaria-publisher-hmac-key", version = "2" }
      TALARIA_HMAC_KEY_PREVIOUS = { secret = "talaria-publisher-hmac-key", version = "1" }
    }
    error_message = "Two keys while callers move from one to the other, both pinned."
  }
  assert {
    condition     = contains([for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.value if variable.name == "TALARIA_CALLERS"], "hmac")
    error_message = "A publisher that anybody reaches asks for a signature."
  }
  assert {
    condition     = { for name, reader in google_secret_manager_secret_iam_member.reader : name => reader.member if strcontains(name, "publisher") } == { talaria-publisher-hmac-key = "serviceAccount:${google_service_account.account["publisher"].email}" }
    error_message = "The publisher alone reads the key."
  }
  assert {
    condition     = tolist(output.secrets) == tolist(["CRM_API_KEY", "erp-key", "talaria-publisher-hmac-key"])
    error_message = "The key is among the secrets that want a value."
  }
}

run "a_public_publisher_asks_for_googles_token" {
  variables {
    publisher_access    = "google-id-token"
    publisher_callers   = ["serviceAccount:shop@my-shop.iam.gserviceaccount.com"]
    publisher_audiences = ["https://events.example.com"]
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value if can(regex("CALLERS|ID_TOKEN", variable.name)) } == {
      TALARIA_CALLERS                   = "google-id-token"
      TALARIA_ID_TOKEN__AUDIENCE        = "https://talaria-publisher-123456789012.europe-west1.run.app,https://events.example.com"
      TALARIA_ID_TOKEN__SERVICE_ACCOUNT = "${google_service_account.account["tag"].email},shop@my-shop.iam.gserviceaccount.com"
    }
    error_message = "Tokens for the publisher's own address, of the tag's account and those named, and of nobody else."
  }
  assert {
    condition     = [for caller in google_cloud_run_v2_service_iam_member.caller : caller.member if caller.name == "talaria-publisher"] == ["allUsers"]
    error_message = "Cloud Run lets everybody through: it would take the token's signature off otherwise."
  }
  assert {
    condition     = length(google_secret_manager_secret.publisher_key) == 0
    error_message = "There is no secret to keep."
  }
}

run "a_person_has_no_token_that_the_publisher_could_check" {
  command = plan
  variables {
    publisher_access  = "google-id-token"
    publisher_callers = ["user:you@example.com"]
  }
  expect_failures = [var.publisher_callers]
}

run "a_public_publisher_without_a_secret_is_refused" {
  command = plan
  variables {
    publisher_access = "shared-secret"
  }
  expect_failures = [google_cloud_run_v2_service.service]
}

run "a_public_publisher_without_a_key_is_refused" {
  command = plan
  variables {
    publisher_access      = "hmac"
    shared_secret_version = "1"
  }
  expect_failures = [google_cloud_run_v2_service.service]
}

run "the_latest_key_is_no_version" {
  command = plan
  variables {
    publisher_access          = "hmac"
    hmac_key_version          = "latest"
    hmac_key_previous_version = "latest"
  }
  expect_failures = [var.hmac_key_version, var.hmac_key_previous_version]
}

run "no_check_at_all_is_no_way_in" {
  command = plan
  variables {
    publisher_access = "none"
  }
  expect_failures = [var.publisher_access]
}

run "limits_and_redaction_reach_the_publisher_whatever_its_environment_says" {
  variables {
    publisher_rate_limit = { rate = "100/s", burst = 500 }
    allowed_events       = ["purchase", "generate_lead"]
    redaction            = { emails = "hash", phone_numbers = "redact", keep = ["/data/contact_email", "/data/items/*/note"] }
    services = {
      publisher = { environment = { TALARIA_REDACTION__EMAILS = "off", TALARIA_CALLERS = "none" } }
      updater   = { environment = { CRM_API_URL = "https://crm.example" } }
    }
  }
  assert {
    condition = { for variable in google_cloud_run_v2_service.service["publisher"].template[0].containers[0].env : variable.name => variable.value if can(regex("REDACTION|RATE|ALLOWED|CALLERS", variable.name)) } == {
      TALARIA_CALLERS                  = "cloud-run-iam"
      TALARIA_RATE_LIMIT__RATE         = "100/s"
      TALARIA_RATE_LIMIT__BURST        = "500"
      TALARIA_ALLOWED_EVENTS           = "generate_lead,purchase"
      TALARIA_REDACTION__EMAILS        = "hash"
      TALARIA_REDACTION__CARD_NUMBERS  = "redact"
      TALARIA_REDACTION__PHONE_NUMBERS = "redact"
      TALARIA_REDACTION__KEEP          = "/data/contact_email,/data/items/*/note"
    }
    error_message = "What the variables say holds over the service's environment."
  }
}

run "a_rate_without_a_time_is_refused" {
  command = plan
  variables {
    publisher_rate_limit = { rate = "100" }
  }
  expect_failures = [var.publisher_rate_limit]
}

run "card_numbers_are_not_hashed" {
  command = plan
  variables {
    redaction = { card_numbers = "hash" }
  }
  expect_failures = [var.redaction]
}

run "a_way_to_redact_that_is_none_is_refused" {
  command = plan
  variables {
    redaction = { emails = "mask" }
  }
  expect_failures = [var.redaction]
}
