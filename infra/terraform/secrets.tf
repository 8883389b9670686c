# Names alone. Values are added with gcloud, so that Terraform's state holds none:
#   gcloud secrets versions add NAME --data-file=-

resource "google_secret_manager_secret" "of_routes" {
  for_each = local.secret_names

  project   = var.project
  secret_id = each.key

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

# What callers of the publisher prove themselves with, where it is a secret.
resource "google_secret_manager_secret" "publisher_key" {
  for_each = { for access, part in { shared-secret = "publisher-key", hmac = "publisher-hmac-key" } : access => part if access == var.publisher_access }

  project   = var.project
  secret_id = "${var.prefix}-${each.value}"

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

locals {
  # Who reads which secret.
  secret_readers = merge(
    { for name, secret in google_secret_manager_secret.of_routes : name => { secret = secret.id, account = "updater" } },
    { "${var.prefix}-routes" = { secret = google_secret_manager_secret.routes.id, account = "updater" } },
    { for secret in google_secret_manager_secret.publisher_key : secret.secret_id => { secret = secret.id, account = "publisher" } },
  )
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.account]
}
