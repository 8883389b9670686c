# Alerts on Google's own metrics, which serve without Talaria's telemetry. Those on Talaria's own are in monitoring_queries.tf.

variable "alert_emails" {
  description = "Who is written to when something is wrong. Without any, alerts are seen in Cloud Monitoring alone."
  type        = set(string)
  default     = []
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project
  display_name = "Talaria: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.used]
}

locals {
  of_subscriptions = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${var.topic}(-dead-letter)?[.-].*\")"
  of_publisher     = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.prefix}-publisher\""
  of_services      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${var.prefix}-(publisher|updater|counter-tally|counter-page)\")"

  unacked_age   = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
  dead_letters  = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
  pushes        = "metric.type=\"pubsub.googleapis.com/subscription/push_request_count\""
  refused       = "metric.labels.response_class!=\"ack\""
  requests      = "metric.type=\"run.googleapis.com/request_count\""
  server_errors = "metric.labels.response_code_class=\"5xx\""

  by_subscription = ["resource.label.subscription_id"]
  by_service      = ["resource.label.service_name"]

  alerts = {
    oldest-unacknowledged = {
      name      = "Talaria: a subscription is behind"
      severity  = "WARNING"
      filter    = "${local.unacked_age} AND ${local.of_subscriptions}"
      total     = null
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      groups    = local.by_subscription
      threshold = 1800
      duration  = 300
      advice    = "The oldest message of $${resource.label.subscription_id} has waited for over half an hour, although what its destination can't take is held after a quarter of one. Are pushes refused (talaria check --subscriptions, the service's log), is Firestore reachable, do the destination's limits allow enough for the traffic? After 100 deliveries, about 16 hours, Pub/Sub gives messages up."
    }
    dead-letters = {
      name      = "Talaria: Pub/Sub has given messages up"
      severity  = "ERROR"
      filter    = "${local.dead_letters} AND ${local.of_subscriptions}"
      total     = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      groups    = local.by_subscription
      threshold = 0
      duration  = 0
      advice    = "Messages of $${resource.label.subscription_id} were delivered 100 times without being taken. The updater gets them once more and holds them, or keeps as dead letters what has no destination any more: look at the operators' page and at why pushes were refused."
    }
    push-refusals = {
      name      = "Talaria: pushes are refused"
      severity  = "WARNING"
      filter    = "${local.pushes} AND ${local.refused} AND ${local.of_subscriptions}"
      total     = "${local.pushes} AND ${local.of_subscriptions}"
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
      groups    = local.by_subscription
      threshold = 0.2
      duration  = 900
      advice    = "More than a fifth of $${resource.label.subscription_id}'s pushes were refused for a quarter of an hour. 401 or 403: token, audience or rights; run talaria check --subscriptions. 503: its API has just become ill, its limits are full, or Firestore is away."
    }
    publisher-errors = {
      name      = "Talaria: the publisher fails"
      severity  = "CRITICAL"
      filter    = "${local.requests} AND ${local.server_errors} AND ${local.of_publisher}"
      total     = "${local.requests} AND ${local.of_publisher}"
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
      groups    = local.by_service
      threshold = 0.01
      duration  = 300
      advice    = "More than one in a hundred events was answered 5xx for five minutes: tags that don't repeat lose them. Is Pub/Sub reachable, may the publisher's account publish, are max_instances enough?"
    }
    service-errors = {
      name      = "Talaria: a service fails"
      severity  = "WARNING"
      filter    = "${local.requests} AND metric.labels.response_code=\"500\" AND ${local.of_services}"
      total     = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      groups    = local.by_service
      threshold = 0
      duration  = 0
      advice    = "$${resource.label.service_name} answered 500, which it never means to: its log says why. (503 is how pushes are refused, and no fault by itself.)"
    }
  }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project
  display_name          = each.value.name
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.name
    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.total
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = "${each.value.duration}s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.groups
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.total == null ? [] : [true]
        content {
          alignment_period     = "300s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
          group_by_fields      = each.value.groups
        }
      }
    }
  }

  documentation {
    content   = each.value.advice
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.used]
}
