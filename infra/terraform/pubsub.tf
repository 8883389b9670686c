# Topics and push subscriptions. `talaria check --subscriptions` compares them with the routes file.

locals {
  # One a destination, one of the counter. A filter can't be changed, so its hash is part of the name.
  subscriptions = merge(
    {
      for id in keys(local.destinations) : (local.filters[id] == null ? id : "${id}~${substr(sha256(local.filters[id]), 0, 8)}") => {
        service      = "updater"
        path         = "/process-backend-update/${id}"
        ack_deadline = local.ack_deadlines[id]
        filter       = local.filters[id]
      }
    },
    {
      for part, retiring in var.retiring : part => {
        service      = "updater"
        path         = "/process-backend-update/${split("~", part)[0]}"
        ack_deadline = retiring.ack_deadline_seconds
        filter       = retiring.filter
      }
    },
    { counter = { service = "counter-tally", path = "/tally", ack_deadline = 60, filter = null } },
  )
}

resource "google_pubsub_topic" "events" {
  project                    = var.project
  name                       = var.topic
  message_retention_duration = var.topic_retention_days == 0 ? null : "${var.topic_retention_days * 86400}s"

  depends_on = [google_project_service.used]
}

resource "google_pubsub_topic" "dead_letters" {
  project = var.project
  name    = "${var.topic}-dead-letter"

  depends_on = [google_project_service.used]
}

resource "google_pubsub_subscription" "events" {
  for_each = local.subscriptions

  project                    = var.project
  name                       = "${google_pubsub_topic.events.name}.${each.key}"
  topic                      = google_pubsub_topic.events.id
  filter                     = each.value.filter
  ack_deadline_seconds       = each.value.ack_deadline
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.urls[each.value.service]}${each.value.path}"
    oidc_token {
      service_account_email = google_service_account.account["push"].email
      audience              = local.urls[each.value.service]
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 100
  }

  # Never; without this it would be deleted after 31 days without use.
  expiration_policy {
    ttl = ""
  }

  # What goes to a topic without subscriptions is lost.
  depends_on = [google_pubsub_subscription.dead_letters]
}

# It has no dead-letter topic of its own: the updater keeps what it gets, and until it has, the message comes again.
resource "google_pubsub_subscription" "dead_letters" {
  project                    = var.project
  name                       = "${google_pubsub_topic.dead_letters.name}.updater"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.urls["updater"]}/dead-letter"
    oidc_token {
      service_account_email = google_service_account.account["push"].email
      audience              = local.urls["updater"]
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }
}
