# Alerts that are asked in PromQL: on Talaria's own metrics, where they reach Google (telemetry.tf), and on what Cloud Scheduler's
# log counts. The names are those of docs/telemetry.md; dots want braces and quotes.

locals {
  by_talaria = "namespace=\"${var.prefix}\""
  own = {
    for short, name in {
      effects      = "talaria.updater.effects"
      letters      = "talaria.updater.dead_letters"
      latency      = "talaria.updater.delivery.latency_bucket"
      held         = "talaria.updater.held"
      oldest_held  = "talaria.updater.held.oldest.age"
      calls        = "talaria.updater.call.duration_bucket"
      pushes       = "talaria.pushes"
      events       = "talaria.publisher.events"
      refusals     = "talaria.publisher.refusals"
      publishing   = "talaria.publisher.publish.duration_bucket"
      view_age     = "talaria.counter.view.age"
      tallied      = "talaria.counter.events"
      commit_times = "talaria.counter.commit.duration_bucket"
    } : short => "\"${name}\",${local.by_talaria}"
  }
  failed_share  = "sum by (destination) (rate({${local.own.effects},outcome=~\"retry|held|dead|review|expired\"}[15m])) / sum by (destination) (rate({${local.own.effects},outcome!=\"shadow\"}[15m]))"
  failed_drains = "logging_googleapis_com:user_${replace(google_logging_metric.failed_drains.name, "-", "_")}{monitored_resource=\"cloud_scheduler_job\"}"

  own_queries = {
    delivery-latency = {
      name     = "Talaria: deliveries are late"
      severity = "WARNING"
      query    = "histogram_quantile(0.95, sum by (le, destination) (rate({${local.own.latency}}[15m]))) > 600"
      duration = 600
      advice   = "One in twenty effects for $${metric_or_resource.label.destination} was done more than ten minutes after its event. Its API is slow or down, its limits are too tight for the traffic, or held effects are being worked off after an outage, which is as it should be. The operators' page says which."
    }
    error-share = {
      name     = "Talaria: a destination fails"
      severity = "WARNING"
      query    = "${local.failed_share} > 0.1"
      duration = 900
      advice   = "More than a tenth of what was tried for $${metric_or_resource.label.destination} did not work for a quarter of an hour. Is its API down, does its secret still hold, did a change of routes make calls that it refuses? The operators' page and the updater's log say which."
    }
    # A counter appears with its first letter, and what appears has not grown.
    kept-letters = {
      name     = "Talaria: there are new dead letters"
      severity = "WARNING"
      query    = "sum by (destination, reason) (increase({${local.own.letters}}[10m])) > 0 or sum by (destination, reason) ({${local.own.letters}} unless {${local.own.letters}} offset 10m) > 0"
      duration = 0
      advice   = "The updater gave effects for $${metric_or_resource.label.destination} up ($${metric_or_resource.label.reason}) and kept them for 30 days. Look at the operators' page, mend the route or the destination, then replay."
    }
    oldest-held = {
      name     = "Talaria: effects are held for long"
      severity = "ERROR"
      query    = "max by (destination) ({${local.own.oldest_held}}) > 21600"
      duration = 300
      advice   = "What is held for $${metric_or_resource.label.destination} waits for more than six hours. Nothing is lost for seven days, then it becomes dead letters. Is the API up, does its secret hold, is a route paused, does the Cloud Scheduler job ${var.prefix}-drain run?"
    }
    stale-tallies = {
      name     = "Talaria: the page shows old figures"
      severity = "WARNING"
      query    = "max({${local.own.view_age}}) > 120"
      duration = 300
      advice   = "What the page shows is more than two minutes old while somebody looks at it. Is Firestore reachable from counter-page, is the counter's subscription behind, does counter-tally fail?"
    }
    tallies-fail = {
      name     = "Talaria: events can't be counted"
      severity = "WARNING"
      query    = "sum(rate({${local.own.tallied},outcome=~\"unavailable|dead\"}[15m])) / sum(rate({${local.own.tallied}}[15m])) > 0.05"
      duration = 600
      advice   = "More than one in twenty events could not be counted for ten minutes. They wait in the counter's subscription and come again, or are kept as dead letters. counter-tally's log says why."
    }
  }

  queries = merge(local.telemetry_is_googles ? local.own_queries : {}, {
    failed-drains = {
      name     = "Talaria: held effects are not worked"
      severity = "WARNING"
      query    = "sum(increase(${local.failed_drains}[15m])) > 5"
      duration = 0
      advice   = "The Cloud Scheduler job ${var.prefix}-drain failed more than five times in a quarter of an hour, so what is held stays held. 401 or 403: the account ${var.prefix}-scheduler may not call the updater; terraform apply. 503: the updater does not reach Firestore."
    }
  })
}

resource "google_monitoring_alert_policy" "query" {
  for_each = local.queries

  project               = var.project
  display_name          = each.value.name
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.name
    condition_prometheus_query_language {
      query               = each.value.query
      duration            = "${each.value.duration}s"
      evaluation_interval = "60s"
      # A metric is known from its first point on, and a new project has none.
      disable_metric_validation = true
    }
  }

  documentation {
    content   = each.value.advice
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.used]
}
