# What is held is worked each minute, by a call that proves whose it is.

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

run "held_effects_are_worked_each_minute" {
  assert {
    condition = (
      google_cloud_scheduler_job.drain.schedule == "* * * * *"
      && google_cloud_scheduler_job.drain.http_target[0].http_method == "POST"
      && google_cloud_scheduler_job.drain.http_target[0].uri == "https://talaria-updater-123456789012.europe-west1.run.app/drain"
      && contains(keys(google_project_service.used), "cloudscheduler")
    )
    error_message = "Cloud Scheduler posts to the updater's /drain."
  }
  assert {
    condition     = google_cloud_scheduler_job.drain.attempt_deadline == "140s" && google_cloud_scheduler_job.drain.retry_config[0].retry_count == 0
    error_message = "A drain has the time of the longest call (two minutes here) and what goes with it, and the next one repeats it."
  }
  assert {
    condition     = tonumber(trimsuffix(google_cloud_run_v2_service.service["updater"].template[0].timeout, "s")) >= 140
    error_message = "Cloud Run does not end a drain before its time."
  }
}

run "a_drain_of_quick_destinations_has_a_minute" {
  variables {
    routes   = "examples/first-purchase.yaml"
    sandbox  = true
    services = {}
  }
  assert {
    condition     = google_cloud_scheduler_job.drain.attempt_deadline == "60s"
    error_message = "A minute is what a drain takes."
  }
}

run "a_drain_proves_who_asks_for_it" {
  assert {
    condition = (
      try(google_cloud_scheduler_job.drain.http_target[0].oidc_token[0].service_account_email, null) == google_service_account.account["scheduler"].email
      && try(google_cloud_scheduler_job.drain.http_target[0].oidc_token[0].audience, null) == "https://talaria-updater-123456789012.europe-west1.run.app"
    )
    error_message = "It carries a token of the scheduler's account for the updater."
  }
  assert {
    condition     = [for caller in google_cloud_run_v2_service_iam_member.caller : caller.name if caller.member == "serviceAccount:${google_service_account.account["scheduler"].email}"] == ["talaria-updater"]
    error_message = "That account calls the updater and nothing else."
  }
  assert {
    condition = contains(
      flatten([for variable in google_cloud_run_v2_service.service["updater"].template[0].containers[0].env : split(",", variable.value) if variable.name == "TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT"]),
      google_service_account.account["scheduler"].email
    )
    error_message = "The updater knows the account; it would refuse the drain otherwise."
  }
}

run "somebody_hears_of_drains_that_fail" {
  assert {
    condition = (
      strcontains(google_logging_metric.failed_drains.filter, "resource.labels.job_id=\"talaria-drain\"")
      && strcontains(google_logging_metric.failed_drains.filter, "severity>=ERROR")
      && strcontains(google_monitoring_alert_policy.query["failed-drains"].conditions[0].condition_prometheus_query_language[0].query, "logging_googleapis_com:user_talaria_failed_drains")
    )
    error_message = "Failed drains are counted from Cloud Scheduler's log, and reported."
  }
}

run "a_region_without_scheduler_has_the_job_elsewhere" {
  variables {
    scheduler_region = "europe-west3"
  }
  assert {
    condition     = google_cloud_scheduler_job.drain.region == "europe-west3" && google_cloud_run_v2_service.service["updater"].location == "europe-west1"
    error_message = "The job's region is its own."
  }
}
