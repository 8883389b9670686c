# What is held for a destination that failed is worked once a minute: nobody else would come for it.

variable "scheduler_region" {
  description = "Where the job runs that asks for it, should Cloud Scheduler not be in the services' region."
  type        = string
  default     = null
}

locals {
  drain_deadline = max(60, [for timeout in local.timeouts_ms : ceil(timeout / 1000) + 20]...)
}

resource "google_cloud_scheduler_job" "drain" {
  project     = var.project
  region      = coalesce(var.scheduler_region, var.region)
  name        = "${var.prefix}-drain"
  description = "Works what is held for destinations that failed"
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"

  # A drain works for 50 s, longer only to let one call of a slow destination end. The next one is a minute away, so a failed one
  # is not repeated.
  attempt_deadline = "${local.drain_deadline}s"
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = "${local.urls["updater"]}/drain"
    oidc_token {
      service_account_email = google_service_account.account["scheduler"].email
      audience              = local.urls["updater"]
    }
  }

  depends_on = [google_project_service.used, google_cloud_run_v2_service_iam_member.caller]
}

# Counts drains that failed, from the lines that Cloud Scheduler writes.
resource "google_logging_metric" "failed_drains" {
  project     = var.project
  name        = "${var.prefix}-failed-drains"
  description = "Drains that were answered with an error, or not at all"
  filter      = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"${google_cloud_scheduler_job.drain.name}\" AND severity>=ERROR"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.used]
}
