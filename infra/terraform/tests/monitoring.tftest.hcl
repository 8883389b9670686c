# Somebody is told before messages are lost.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project      = "my-shop-talaria"
  region       = "europe-west1"
  image_tag    = "build-1"
  routes       = "tests/routes.yaml"
  services     = { updater = { environment = { CRM_API_URL = "https://crm.example" } } }
  alert_emails = ["you@example.com"]
}

run "there_is_an_alert_for_each_way_to_fail" {
  assert {
    condition = alltrue([
      for metric in [
        "pubsub.googleapis.com/subscription/oldest_unacked_message_age", "pubsub.googleapis.com/subscription/dead_letter_message_count",
        "pubsub.googleapis.com/subscription/push_request_count", "run.googleapis.com/request_count",
      ] : anytrue([for alert in google_monitoring_alert_policy.alert : strcontains(alert.conditions[0].condition_threshold[0].filter, "\"${metric}\"")])
    ])
    error_message = "Oldest unacknowledged message, dead letters, refused pushes, errors of services."
  }
  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.alert :
      tolist(alert.notification_channels) == tolist([google_monitoring_notification_channel.email["you@example.com"].id]) && length(alert.documentation[0].content) > 80
    ])
    error_message = "Each alert reaches somebody, and says what to do."
  }
  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.alert :
      (alert.conditions[0].condition_threshold[0].denominator_filter == null) == (length(alert.conditions[0].condition_threshold[0].denominator_aggregations) == 0)
    ])
    error_message = "A share is one of something that is added up in the same way."
  }
  assert {
    condition     = tonumber(trimsuffix(google_monitoring_alert_policy.alert["oldest-unacknowledged"].conditions[0].condition_threshold[0].duration, "s")) + google_monitoring_alert_policy.alert["oldest-unacknowledged"].conditions[0].condition_threshold[0].threshold_value < 16 * 3600
    error_message = "One hears of a backlog long before 100 deliveries are over."
  }
}

run "alerts_are_about_these_subscriptions" {
  assert {
    condition = alltrue([
      for subscription in concat(values(google_pubsub_subscription.events), [google_pubsub_subscription.dead_letters]) :
      length(regexall("^${regex("full_match\\(\"([^\"]*)\"\\)", local.of_subscriptions)[0]}$", subscription.name)) == 1
    ])
    error_message = "The filter of alerts and charts fits every subscription's name."
  }
}

run "the_dashboard_has_a_chart_a_question" {
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.talaria.dashboard_json).mosaicLayout.tiles) == 24
    error_message = "Fourteen charts of Talaria's own metrics, ten of Google's."
  }
  assert {
    condition = length(distinct([
      for tile in jsondecode(google_monitoring_dashboard.talaria.dashboard_json).mosaicLayout.tiles : "${try(tile.xPos, 0)},${try(tile.yPos, 0)}"
    ])) == 24
    error_message = "Each in its own place."
  }
}

run "there_is_an_alert_for_what_google_can_not_see" {
  assert {
    condition = alltrue([
      for metric in [
        "talaria.updater.delivery.latency_bucket", "talaria.updater.effects", "talaria.updater.dead_letters", "talaria.updater.held.oldest.age",
        "talaria.counter.view.age", "talaria.counter.events",
      ] : anytrue([for alert in google_monitoring_alert_policy.query : strcontains(alert.conditions[0].condition_prometheus_query_language[0].query, "{\"${metric}\",namespace=\"talaria\"")])
    ])
    error_message = "Late deliveries, failing destinations, dead letters, held effects, old figures, events that can't be counted."
  }
  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.query :
      tolist(alert.notification_channels) == tolist([google_monitoring_notification_channel.email["you@example.com"].id]) && length(alert.documentation[0].content) > 80
    ])
    error_message = "Each alert reaches somebody, and says what to do."
  }
  assert {
    condition     = alltrue([for alert in google_monitoring_alert_policy.query : alert.conditions[0].condition_prometheus_query_language[0].disable_metric_validation])
    error_message = "A new project has no such metrics yet, and would refuse the alerts."
  }
}

# Nothing here understands PromQL, but what opens closes, and a histogram's buckets are added up by their bounds.
run "queries_hold_together" {
  assert {
    condition = alltrue([
      for query in local.all_queries : alltrue([
        for pair in [["[(]", "[)]"], ["[{]", "[}]"], ["\\[", "\\]"]] : length(regexall(pair[0], query)) == length(regexall(pair[1], query))
      ]) && length(regexall("\"", query)) % 2 == 0
    ]) && length(local.all_queries) > 15
    error_message = "Brackets and quotes come in pairs."
  }
  assert {
    condition     = alltrue([for query in local.all_queries : strcontains(query, "_bucket\"") == can(regex("^histogram_quantile\\(0[.]95, sum by \\(le[,)]", query))])
    error_message = "A percentile is one of buckets, by le."
  }
}

# The vocabulary's page is compared with the code by the programs' own tests.
run "queries_ask_for_what_the_programs_send" {
  assert {
    condition = toset(flatten([
      for query in local.all_queries : [
        for metric in regexall("\"(talaria[.][a-z._]+)\"", query) : metric[0]
        if !strcontains(file("../../docs/telemetry.md"), "\n| `${trimsuffix(metric[0], "_bucket")}` | ${endswith(metric[0], "_bucket") ? "histogram" : ""}")
      ]
    ])) == toset([])
    error_message = "Each metric is one of docs/telemetry.md, and what has buckets is a histogram."
  }
  assert {
    condition = toset(flatten([
      for query in local.all_queries : [
        for asked in regexall("\"(talaria[.][a-z._]+)\",namespace=\"[^\"]*\",outcome[!=~]+\"([^\"]*)\"", query) : [
          for word in split("|", asked[1]) : "${asked[0]} ${word}"
          if !can(regex("\n\\| `outcome` \\| `${asked[0]}` \\|[^\n]*`${word}`", file("../../docs/telemetry.md")))
        ]
      ]
    ])) == toset([])
    error_message = "Each outcome is one of docs/telemetry.md."
  }
  assert {
    condition = toset(flatten([
      for query in local.all_queries : [
        for group in regexall("by \\(([a-z, ]+)\\) \\([a-z(]*\\{\"(talaria[.][a-z._]+)\"", query) : [
          for label in setsubtract(split(", ", group[0]), ["le"]) : "${group[1]} ${label}"
          if !can(regex("\n\\| `${trimsuffix(group[1], "_bucket")}` \\|[^|]*\\|[^|]*\\|[^|]*`${label}`", file("../../docs/telemetry.md")))
        ]
      ]
    ])) == toset([])
    error_message = "Each attribute is one that docs/telemetry.md gives to the metric."
  }
}

run "without_telemetry_there_is_nothing_to_ask_of_it" {
  variables {
    telemetry = null
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.query)) == toset(["failed-drains"]) && length(google_monitoring_alert_policy.alert) == 5
    error_message = "Alerts on Google's own metrics, and on Cloud Scheduler's log, stay."
  }
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.talaria.dashboard_json).mosaicLayout.tiles) == 10 && !strcontains(google_monitoring_dashboard.talaria.dashboard_json, "talaria.updater")
    error_message = "The dashboard has no empty charts."
  }
}

run "the_next_step_knows_its_addresses" {
  assert {
    condition = (
      output.publisher.url == "https://talaria-publisher-123456789012.europe-west1.run.app"
      && output.publisher.audience == output.publisher.url
      && output.publisher.service_account == google_service_account.account["tag"].email
      && output.topic == google_pubsub_topic.events.id
    )
    error_message = "The tag gets its address, its audience and its account."
  }
  assert {
    condition = output.check_subscriptions == join(" ", [
      "TALARIA_PUBLISHER__TOPIC=backend-updates talaria check tests/routes.yaml --subscriptions --project my-shop-talaria",
      "--updater-url https://talaria-updater-123456789012.europe-west1.run.app",
      "--counter-url https://talaria-counter-tally-123456789012.europe-west1.run.app",
      "--push-service-account ${google_service_account.account["push"].email}",
    ])
    error_message = "The command that compares the project is ready to be run."
  }
  assert {
    condition     = tolist(output.secrets) == tolist(["CRM_API_KEY", "erp-key"])
    error_message = "The secrets that want a value are named."
  }
}

run "only_lines_about_requests_that_went_well_are_left_out" {
  assert {
    condition = (
      strcontains(google_logging_project_exclusion.requests[0].filter, "log_id(\"run.googleapis.com/requests\")")
      && strcontains(google_logging_project_exclusion.requests[0].filter, "httpRequest.status<400")
      && strcontains(google_logging_project_exclusion.requests[0].filter, "NOT sample(insertId, 0.05)")
    )
    error_message = "What was refused or failed is kept, and so is what the programs write."
  }
}

run "all_lines_are_kept_where_that_is_set" {
  variables {
    request_log_share = 1
  }
  assert {
    condition     = length(google_logging_project_exclusion.requests) == 0
    error_message = "A share of one leaves nothing out."
  }
}
