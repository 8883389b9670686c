# The interfaces of Google's that are used.
locals {
  interfaces = toset(concat(
    [
      "artifactregistry", "cloudresourcemanager", "cloudscheduler", "firebaserules", "firestore", "iam", "iamcredentials", "logging", "monitoring", "pubsub",
      "run", "secretmanager",
    ],
    var.page_domain == null ? [] : ["compute", "iap"],
    var.lake == null ? [] : ["bigquery"],
    local.telemetry_is_googles ? ["telemetry"] : [],
  ))
}

resource "google_project_service" "used" {
  for_each = local.interfaces

  project = var.project
  service = "${each.key}.googleapis.com"

  # Others in the project may use them, too.
  disable_on_destroy = false
}
