# One chart a question: is anything behind, refused, given up, failing, slow, or at its limit?

locals {
  charts = [
    { title = "Oldest unacknowledged message, by subscription (s)", filter = "${local.unacked_age} AND ${local.of_subscriptions}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", groups = local.by_subscription },
    { title = "Messages that wait, by subscription", filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.of_subscriptions}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", groups = local.by_subscription },
    { title = "Pushes, as Pub/Sub counts them, by answer (1/s)", filter = "${local.pushes} AND ${local.of_subscriptions}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = ["metric.label.response_class"] },
    { title = "Refused pushes, by subscription (1/s)", filter = "${local.pushes} AND ${local.refused} AND ${local.of_subscriptions}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = local.by_subscription },
    { title = "Given up by Pub/Sub, by subscription", filter = "${local.dead_letters} AND ${local.of_subscriptions}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", groups = local.by_subscription },
    { title = "Events taken by the publisher, by class of answer (1/s)", filter = "${local.requests} AND ${local.of_publisher}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = ["metric.label.response_code_class"] },
    { title = "Requests answered 5xx, by service (1/s)", filter = "${local.requests} AND ${local.server_errors} AND ${local.of_services}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = local.by_service },
    { title = "Time to answer, 95th percentile, by service (ms)", filter = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.of_services}", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", groups = local.by_service },
    { title = "Instances, by service", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.of_services}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", groups = local.by_service },
    { title = "Writes of the database (1/s)", filter = "metric.type=\"firestore.googleapis.com/document/write_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = [] },
  ]
  # Of Talaria's own metrics, where they reach Google.
  own_charts = !local.telemetry_is_googles ? [] : [
    { title = "Events read by the publisher, by what became of them (1/s)", query = "sum by (outcome) (rate({${local.own.events}}[5m]))" },
    { title = "Requests refused by the publisher, by reason (1/s)", query = "sum by (reason) (rate({${local.own.refusals}}[5m]))" },
    { title = "Time to publish, 95th percentile (s)", query = "histogram_quantile(0.95, sum by (le) (rate({${local.own.publishing}}[5m])))" },
    { title = "Effects, by destination and outcome (1/s)", query = "sum by (destination, outcome) (rate({${local.own.effects}}[5m]))" },
    { title = "From event to done, 95th percentile, by destination (s)", query = "histogram_quantile(0.95, sum by (le, destination) (rate({${local.own.latency}}[5m])))" },
    { title = "Time of a call, 95th percentile, by destination (s)", query = "histogram_quantile(0.95, sum by (le, destination) (rate({${local.own.calls}}[5m])))" },
    { title = "Share that failed, by destination", query = local.failed_share },
    { title = "Held messages, by destination", query = "max by (destination) ({${local.own.held}})" },
    { title = "Oldest held message, by destination (s)", query = "max by (destination) ({${local.own.oldest_held}})" },
    { title = "Dead letters in an hour, by destination and reason", query = "sum by (destination, reason) (increase({${local.own.letters}}[1h]))" },
    { title = "Pushes, by answer (1/s)", query = "sum by (subscription, answer) (rate({${local.own.pushes}}[5m]))" },
    { title = "Events counted, by what became of them (1/s)", query = "sum by (outcome) (rate({${local.own.tallied}}[5m]))" },
    { title = "Time of a tally's commit, 95th percentile (s)", query = "histogram_quantile(0.95, sum by (le) (rate({${local.own.commit_times}}[5m])))" },
    { title = "Age of what the page shows (s)", query = "max({${local.own.view_age}})" },
  ]

  all_queries = concat([for chart in local.own_charts : chart.query], [for query in local.queries : query.query])

  time_series = concat(
    [for chart in local.own_charts : { title = chart.title, source = { prometheusQuery = chart.query } }],
    [for chart in local.charts : { title = chart.title, source = {
      timeSeriesFilter = {
        filter = chart.filter
        aggregation = {
          alignmentPeriod    = "60s"
          perSeriesAligner   = chart.aligner
          crossSeriesReducer = chart.reducer
          groupByFields      = chart.groups
        }
      }
    } }],
  )
}

resource "google_monitoring_dashboard" "talaria" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "Talaria"
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, chart in local.time_series : {
          xPos   = index % 2 * 24
          yPos   = floor(index / 2) * 16
          width  = 24
          height = 16
          widget = {
            title   = chart.title
            xyChart = { dataSets = [{ plotType = "LINE", timeSeriesQuery = chart.source }] }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.used]
}
