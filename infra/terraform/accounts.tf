# One account a program, each with the rights that it needs and no others.

locals {
  accounts = merge({
    publisher     = "Talaria: takes events and publishes them"
    updater       = "Talaria: calls the company's APIs"
    counter-tally = "Talaria: counts events"
    counter-page  = "Talaria: serves the page, and replays dead letters"
    push          = "Talaria: Pub/Sub pushes in its name"
    scheduler     = "Talaria: Cloud Scheduler has held effects worked in its name"
    tag           = "Talaria: the Tag Manager's tag calls the publisher in its name"
  }, var.sandbox ? { sandbox = "Talaria: stands in for the company's APIs" } : {})

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  iap_agent    = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
  members      = { for name, account in google_service_account.account : name => "serviceAccount:${account.email}" }
  tag_members  = toset([for email in var.tag_runs_as : "serviceAccount:${email}"])
}

resource "google_service_account" "account" {
  for_each = local.accounts

  project      = var.project
  account_id   = "${var.prefix}-${each.key}"
  display_name = each.value

  depends_on = [google_project_service.used]
}

# Replays go to the topic that events come from.
resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = toset(["publisher", "counter-page"])

  project = var.project
  topic   = google_pubsub_topic.events.name
  role    = "roles/pubsub.publisher"
  member  = local.members[each.key]
}

resource "google_pubsub_topic_iam_member" "tag" {
  for_each = toset(var.tag_writes_to_topic ? local.tag_members : [])

  project = var.project
  topic   = google_pubsub_topic.events.name
  role    = "roles/pubsub.publisher"
  member  = each.key
}

# On this database alone, should the project have others.
resource "google_project_iam_member" "database" {
  for_each = toset(["updater", "counter-tally", "counter-page"])

  project = var.project
  role    = "roles/datastore.user"
  member  = local.members[each.key]

  condition {
    title      = "${var.prefix}-database"
    expression = "resource.name==\"projects/${var.project}/databases/${google_firestore_database.store.name}\""
  }
}

# The container mints identity tokens for the publisher; it can't act as the account in any other way.
resource "google_service_account_iam_member" "tag_tokens" {
  for_each = local.tag_members

  service_account_id = google_service_account.account["tag"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = each.key
}
