# Traces and metrics reach Google, whole, and cost nothing where they are off.

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

run "every_service_sends_what_it_measures" {
  assert {
    condition = alltrue([
      for name, service in google_cloud_run_v2_service.service : { for variable in service.template[0].containers[0].env : variable.name => variable.value if startswith(variable.name, "OTEL_") } == {
        OTEL_EXPORTER_OTLP_ENDPOINT = "https://telemetry.googleapis.com"
        OTEL_SERVICE_NAME           = "talaria-${name}"
        OTEL_TRACES_SAMPLER         = "traceidratio"
        OTEL_TRACES_SAMPLER_ARG     = "0.1"
        OTEL_RESOURCE_ATTRIBUTES    = "service.namespace=talaria,cloud.region=europe-west1"
      }
    ])
    error_message = "The region is said: without it Google keeps nothing. The share of traces is the same everywhere: else they come in parts."
  }
  assert {
    condition = { for member in google_project_iam_member.telemetry : member.member => member.role... } == {
      for name in ["publisher", "updater", "counter-tally", "counter-page"] : "serviceAccount:${google_service_account.account[name].email}" =>
      ["roles/serviceusage.serviceUsageConsumer", "roles/telemetry.metricsWriter", "roles/telemetry.tracesWriter"]
    }
    error_message = "They may write traces and metrics, and nothing else."
  }
  assert {
    condition     = contains(keys(google_project_service.used), "telemetry")
    error_message = "The interface is turned on."
  }
}

run "telemetry_is_off_where_that_is_set" {
  variables {
    telemetry = null
  }
  assert {
    condition = (
      length(google_project_iam_member.telemetry) == 0 && !contains(keys(google_project_service.used), "telemetry")
      && alltrue([for service in google_cloud_run_v2_service.service : length([for variable in service.template[0].containers[0].env : variable if startswith(variable.name, "OTEL_")]) == 0])
    )
    error_message = "No addresses, no rights, no interface."
  }
}

run "another_receiver_gets_no_rights_here" {
  variables {
    telemetry = { endpoint = "https://otlp.example.com", trace_share = 1 }
  }
  assert {
    condition = (
      length(google_project_iam_member.telemetry) == 0 && !contains(keys(google_project_service.used), "telemetry")
      && contains([for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : variable.value if variable.name == "OTEL_EXPORTER_OTLP_ENDPOINT"], "https://otlp.example.com")
      && contains([for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : variable.value if variable.name == "OTEL_TRACES_SAMPLER_ARG"], "1")
    )
    error_message = "It is sent there, and nobody gets a right at Google's."
  }
}

run "a_share_above_one_is_refused" {
  command = plan
  variables {
    telemetry = { trace_share = 10 }
  }
  expect_failures = [var.telemetry]
}
