# Cloud Run writes a line for each request, eight and more an event, and at volume they cost more than what they are about.

variable "request_log_share" {
  description = "Which share of Cloud Run's lines about requests that went well is kept. Refused and failed ones are kept all, and so is what the programs write themselves."
  type        = number
  default     = 0.05

  validation {
    condition     = var.request_log_share >= 0 && var.request_log_share <= 1
    error_message = "request_log_share is from 0 to 1."
  }
}

resource "google_logging_project_exclusion" "requests" {
  count = var.request_log_share < 1 ? 1 : 0

  project     = var.project
  name        = "${var.prefix}-requests"
  description = "Requests to Talaria's services that went well"
  filter = join(" AND ", [
    "log_id(\"run.googleapis.com/requests\")",
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.service_name=~\"^${var.prefix}-(publisher|updater|counter-tally|counter-page)$\"",
    "httpRequest.status<400",
    "NOT sample(insertId, ${var.request_log_share})",
  ])
}
