# Traces and metrics of Talaria's own. Google's Telemetry API keeps metrics as Prometheus' are kept, under the very names that
# the programs give them (talaria.updater.effects): dots stay, nothing is appended. It drops points without a location and an
# instance, in silence. The programs can't know the location, so it is said here.

variable "telemetry" {
  description = "Where traces and metrics go by OTLP, and the share of traces that is kept, from 0 to 1; null for nowhere. Alerts and charts of Talaria's own metrics are made where it is Google's Telemetry API."
  type = object({
    endpoint    = optional(string, "https://telemetry.googleapis.com")
    trace_share = optional(number, 0.1)
  })
  default = {}

  validation {
    condition     = var.telemetry == null || can(regex("^https?://[^/\\s]+(/[^\\s]*)?$", var.telemetry.endpoint))
    error_message = "telemetry.endpoint is an address such as https://telemetry.googleapis.com."
  }

  validation {
    condition     = try(var.telemetry.trace_share >= 0 && var.telemetry.trace_share <= 1, true)
    error_message = "telemetry.trace_share is from 0 to 1."
  }
}

locals {
  with_telemetry       = var.telemetry != null
  telemetry_is_googles = try(trimsuffix(var.telemetry.endpoint, "/"), null) == "https://telemetry.googleapis.com"
  telemetry_senders    = local.telemetry_is_googles ? ["publisher", "updater", "counter-tally", "counter-page"] : []

  # The share holds by the trace's id, which all services see, so a trace is kept whole or not at all. Not by what the caller
  # decided: Cloud Run puts a decision of its own on each request, and would keep hardly any.
  telemetry = {
    for name in keys(var.services) : name => !local.with_telemetry ? {} : {
      OTEL_EXPORTER_OTLP_ENDPOINT = var.telemetry.endpoint
      OTEL_SERVICE_NAME           = "${var.prefix}-${name}"
      OTEL_TRACES_SAMPLER         = "traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = tostring(var.telemetry.trace_share)
      OTEL_RESOURCE_ATTRIBUTES    = "service.namespace=${var.prefix},cloud.region=${var.region}"
    }
  }
}

# The last one lets them name the project that the requests count against, which the API asks for.
resource "google_project_iam_member" "telemetry" {
  for_each = {
    for pair in setproduct(local.telemetry_senders, ["roles/telemetry.tracesWriter", "roles/telemetry.metricsWriter", "roles/serviceusage.serviceUsageConsumer"]) :
    "${pair[0]} ${pair[1]}" => { account = pair[0], role = pair[1] }
  }

  project = var.project
  role    = each.value.role
  member  = local.members[each.value.account]
}
