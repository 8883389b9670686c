resource "google_cloud_run_v2_service" "service" {
  for_each = local.sizes

  project             = var.project
  name                = "${var.prefix}-${each.key}"
  location            = var.region
  ingress             = local.ingress[each.key]
  deletion_protection = var.deletion_protection

  template {
    service_account                  = google_service_account.account[each.key].email
    max_instance_request_concurrency = each.value.concurrency
    timeout                          = "${local.request_timeouts[each.key]}s"

    scaling {
      min_instance_count = each.value.min_instances
      max_instance_count = each.value.max_instances
    }

    containers {
      image = "${local.registry}/${lookup(local.images, each.key, each.key)}:${var.image_tag}"
      args  = each.key == "sandbox" ? ["sandbox"] : []

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = each.value.cpu, memory = each.value.memory }
        cpu_idle          = !each.value.cpu_always
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environments[each.key]
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = lookup(local.secret_variables, each.key, {})
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.publisher_key[var.publisher_access].secret_id
              version = env.value
            }
          }
        }
      }

      # Traffic comes to a revision that reaches its bus and its store, and to no other: one without rights takes none away
      # from the revision before. New rights may take minutes to arrive. The sandbox has no such things, and no such address.
      startup_probe {
        period_seconds    = 5
        timeout_seconds   = 4
        failure_threshold = 48
        dynamic "http_get" {
          for_each = each.key == "sandbox" ? [] : ["/health/ready"]
          content {
            path = http_get.value
          }
        }
        dynamic "tcp_socket" {
          for_each = each.key == "sandbox" ? [8080] : []
          content {
            port = tcp_socket.value
          }
        }
      }

      # Only whether it answers at all: a restart mends no database.
      dynamic "liveness_probe" {
        for_each = each.key == "sandbox" ? [] : ["/health/live"]
        content {
          period_seconds    = 30
          timeout_seconds   = 5
          failure_threshold = 3
          http_get {
            path = liveness_probe.value
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = each.key == "updater" ? ["routes"] : []
        content {
          name       = volume_mounts.value
          mount_path = "/etc/talaria"
        }
      }
    }

    dynamic "volumes" {
      for_each = each.key == "updater" ? ["routes"] : []
      content {
        name = volumes.value
        secret {
          secret       = google_secret_manager_secret.routes.secret_id
          default_mode = 292 # 0444: the program runs as a user without rights
          items {
            path    = "routes.yaml"
            version = google_secret_manager_secret_version.routes.version
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.publisher_access != "shared-secret" || var.shared_secret_version != null
      error_message = "publisher_access is shared-secret: add a version to the secret, and name it in shared_secret_version."
    }
    precondition {
      condition     = var.publisher_access != "hmac" || var.hmac_key_version != null
      error_message = "publisher_access is hmac: add a version to the secret, and name it in hmac_key_version."
    }
  }

  # An event that is published before a subscription exists never reaches it; what a service may not do, it isn't ready for.
  depends_on = [
    google_pubsub_subscription.events,
    google_pubsub_topic_iam_member.publishers,
    google_project_iam_member.database,
    google_secret_manager_secret_iam_member.reader,
  ]
}
