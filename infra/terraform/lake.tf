# The raw event lake: each event as it was published, in BigQuery. Off unless it is asked for: also a redacted event names its
# user by an id, a lake keeps it for longer than anything else here, and where it lies is for its owner to say.

variable "lake" {
  description = "Keeps every event in BigQuery, as the publisher redacted it; null for not at all."
  type = object({
    location       = string
    retention_days = optional(number, 400)
    readers        = optional(list(string), [])
    # Needed for what comes to the topic past the publisher, which nobody redacts: tag_writes_to_topic, other tags. Said in
    # words, because it can't be taken back for what is there already.
    events_hold_no_personal_data = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.lake == null || !contains([var.redaction.emails, var.redaction.card_numbers], "off")
    error_message = "lake: the publisher must redact what it would keep: set redaction.emails and redaction.card_numbers to redact, hash or refuse."
  }

  # What is kept is kept with everything below it.
  validation {
    condition     = var.lake == null || !anytrue([for path in var.redaction.keep : can(regex("^/(data|[*])(/[*])?$", path))])
    error_message = "lake: redaction.keep leaves whole events as they are; name the fields that must stay."
  }

  validation {
    condition     = var.lake == null || !var.tag_writes_to_topic || try(var.lake.events_hold_no_personal_data, false)
    error_message = "lake: with tag_writes_to_topic events come past the publisher, and nobody redacts them. Make sure that the tag sends no personal data, then set events_hold_no_personal_data."
  }
}

locals {
  with_lake = var.lake == null ? 0 : 1

  # Without that promise, what has no attributes of the publisher's stays out: the tags of others that write to the topic, such
  # as Hermes, set none. A filter can't be changed, so each has a subscription of its own name.
  lake_takes_all = try(var.lake.events_hold_no_personal_data, false)
  lake_filter    = local.lake_takes_all ? null : "attributes:schemaVersion"
}

resource "google_bigquery_dataset" "lake" {
  count = local.with_lake

  project     = var.project
  dataset_id  = replace(var.prefix, "-", "_")
  location    = var.lake.location
  description = "Talaria's events as they were published"

  depends_on = [google_project_service.used]
}

resource "google_bigquery_table" "events" {
  count = local.with_lake

  project             = var.project
  dataset_id          = google_bigquery_dataset.lake[0].dataset_id
  table_id            = "events"
  deletion_protection = var.deletion_protection
  clustering          = ["message_id"]

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = var.lake.retention_days * 86400000
  }

  # The columns that a subscription with metadata fills; data is text, so that no message can be one that BigQuery refuses.
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE" },
    { name = "message_id", type = "STRING", mode = "NULLABLE" },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE" },
    { name = "attributes", type = "STRING", mode = "NULLABLE" },
    { name = "data", type = "STRING", mode = "NULLABLE" },
  ])
}

resource "google_bigquery_dataset_iam_member" "reader" {
  for_each = toset(var.lake == null ? [] : var.lake.readers)

  project    = var.project
  dataset_id = google_bigquery_dataset.lake[0].dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.key
}

# Pub/Sub's agent writes rows and looks at the columns, of this table alone.
resource "google_bigquery_table_iam_member" "agent" {
  for_each = toset(var.lake == null ? [] : ["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"])

  project    = var.project
  dataset_id = google_bigquery_dataset.lake[0].dataset_id
  table_id   = google_bigquery_table.events[0].table_id
  role       = each.key
  member     = local.pubsub_agent
}

# No dead-letter topic: rows are text, so what fails is the table or a right, and waits here until that is mended.
resource "google_pubsub_subscription" "lake" {
  count = local.with_lake

  project                    = var.project
  name                       = "${google_pubsub_topic.events.name}-lake${local.lake_takes_all ? "-all" : ""}"
  topic                      = google_pubsub_topic.events.id
  filter                     = local.lake_filter
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  bigquery_config {
    table          = "${var.project}.${google_bigquery_table.events[0].dataset_id}.${google_bigquery_table.events[0].table_id}"
    write_metadata = true
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_bigquery_table_iam_member.agent]

  # One that takes the other's place is there before the other goes: an event may lie twice in the lake, none is missing.
  lifecycle {
    create_before_destroy = true
  }
}
