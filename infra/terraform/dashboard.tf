# One chart a question: is anything behind, refused, given up, failing, slow, or at its limit?

locals {
  charts = [
    { title = "Oldest unacknowledged message, by subscription (s)", filter = "${local.unacked_age} AND ${local.of_subscriptions}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", groups = local.by_subscription },
    { title = "Messages that wait, by subscription", filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.of_subscriptions}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", groups = local.by_subscription },
    { title = "Pushes, by answer (1/s)", filter = "${local.pushes} AND ${local.of_subscriptions}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = ["metric.label.response_class"] },
    { title = "Refused pushes, by subscription (1/s)", filter = "${local.pushes} AND ${local.refused} AND ${local.of_subscriptions}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = local.by_subscription },
    { title = "Given up by Pub/Sub, by subscription", filter = "${local.dead_letters} AND ${local.of_subscriptions}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", groups = local.by_subscription },
    { title = "Events taken by the publisher, by class of answer (1/s)", filter = "${local.requests} AND ${local.of_publisher}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = ["metric.label.response_code_class"] },
    { title = "Requests answered 5xx, by service (1/s)", filter = "${local.requests} AND ${local.server_errors} AND ${local.of_services}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = local.by_service },
    { title = "Time to answer, 95th percentile, by service (ms)", filter = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.of_services}", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", groups = local.by_service },
    { title = "Instances, by service", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.of_services}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", groups = local.by_service },
    { title = "Writes of the database (1/s)", filter = "metric.type=\"firestore.googleapis.com/document/write_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", groups = [] },
  ]
}

resource "google_monitoring_dashboard" "talaria" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "Talaria"
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, chart in local.charts : {
          xPos   = index % 2 * 24
          yPos   = floor(index / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = chart.groups
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.used]
}
