# The routes file, read as the updater reads it: what Terraform makes follows from its destinations.

locals {
  routes_text  = file(var.routes)
  routes_file  = yamldecode(local.routes_text)
  destinations = { for id, destination in local.routes_file.destinations : id => destination }

  # Durations as the updater takes them: 5s, 500ms, 1m 30s. It takes none below 100 ms or above 120 s.
  milliseconds = {
    millis  = 1, msec = 1, ms = 1
    seconds = 1000, second = 1000, secs = 1000, sec = 1000, s = 1000
    minutes = 60000, minute = 60000, mins = 60000, min = 60000, m = 60000
  }
  timeout_texts = { for id, destination in local.destinations : id => tostring(coalesce(try(destination.timeout, null), "5s")) }
  timeouts_ms = {
    for id, text in local.timeout_texts : id => try(
      sum([for part in regexall("([0-9]+) *([a-z]+)", text) : tonumber(part[0]) * local.milliseconds[part[1]]]), -1
    )
  }

  # clamp(2 × timeout + 30 s, 60 s, 600 s): time for a call, for a second one, and for the ledger.
  ack_deadlines = { for id, timeout in local.timeouts_ms : id => max(60, min(600, floor(timeout / 500) + 30)) }
  filters       = { for id, destination in local.destinations : id => try(destination.filter, null) }

  # Names of secrets in auth:, with or without a version. Full names belong to other projects, whose owners grant them.
  auth_secrets = compact(flatten([
    for destination in local.destinations : [try(destination.auth.bearer, null), try(destination.auth.secret, null)]
  ]))
  secret_names = toset([for name in local.auth_secrets : split("@", name)[0] if !strcontains(name, "/")])

  # ${NAME} and ${NAME:-default} in addresses, as far as nothing else fills them in.
  placeholders = {
    for id, destination in local.destinations : id => regexall("\\$\\{([A-Za-z0-9_]+)(?::?-([^}]*))?\\}", try(destination.url, ""))
  }
  unfilled = distinct(flatten([
    for id, found in local.placeholders : [
      for placeholder in found : placeholder[0]
      if !contains(keys(local.updater_environment), placeholder[0])
      && (placeholder[1] == null || can(regex("127[.]0[.]0[.]1|localhost", placeholder[1])))
    ]
  ]))
  beyond_terraform = [
    for id, destination in local.destinations : id
    if can(regex("[$][{]", join(" ", compact(concat([local.timeout_texts[id], local.filters[id]], local.auth_secrets)))))
  ]
  wrong_timeouts = [for id, timeout in local.timeouts_ms : id if timeout < 100 || timeout > 120000]
  wrong_names    = [for id in keys(local.destinations) : id if !can(regex("^[a-z][a-z0-9-]{0,39}$", id)) || id == "counter"]
}

resource "google_secret_manager_secret" "routes" {
  project   = var.project
  secret_id = "${var.prefix}-routes"

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

# It holds names of secrets, no secrets. A version for each text, so that an earlier revision still finds its own.
resource "google_secret_manager_secret_version" "routes" {
  secret          = google_secret_manager_secret.routes.id
  secret_data     = local.routes_text
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(base64encode(local.routes_text)) / 4 * 3 <= 65536
      error_message = "The routes file is larger than the 64 KiB that a secret holds."
    }
    precondition {
      condition     = length(local.wrong_names) == 0
      error_message = "No names of destinations: ${join(", ", local.wrong_names)}. Run talaria check on the routes file."
    }
    precondition {
      condition     = length(local.wrong_timeouts) == 0
      error_message = "timeout: is not from 100ms to 120s, written as 500ms, 5s or 1m, at ${join(", ", local.wrong_timeouts)}."
    }
    precondition {
      condition     = length(local.beyond_terraform) == 0
      error_message = "Write timeout:, filter: and names of secrets out in the routes file: Terraform fills in no $${NAME} there."
    }
    precondition {
      condition     = length(local.unfilled) == 0
      error_message = "services.updater.environment lacks ${join(", ", local.unfilled)}: without them the updater would call itself."
    }
  }
}
