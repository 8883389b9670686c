# What each service is told, and what stands in front of it. The services themselves are in run.tf.

locals {
  # Cloud Run's addresses that are known before the services are; the other form holds a hash.
  urls = {
    for name in concat(keys(var.services), ["sandbox"]) :
    name => "https://${var.prefix}-${name}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # What routes find as ${NAME}, besides the updater's own settings.
  updater_environment = merge(var.sandbox ? { SANDBOX_URL = local.urls["sandbox"] } : {}, var.services.updater.environment)

  google    = { GOOGLE_CLOUD_PROJECT = var.project }
  bus       = { TALARIA_BUS__BACKEND = "pubsub", TALARIA_TOPIC = var.topic }
  firestore = { TALARIA_STORE__BACKEND = "firestore", TALARIA_STORE__DATABASE = var.firestore_database }

  # A drain proves itself as a push does.
  pushing_accounts = { updater = ["push", "scheduler"], counter-tally = ["push"] }

  # Cloud Run has checked the token's signature and taken it off; the service compares what it says.
  pushed = {
    for name in ["updater", "counter-tally"] : name => {
      TALARIA_PUSH_CALLERS__MODE            = "cloud-run-iam"
      TALARIA_PUSH_CALLERS__AUDIENCE        = local.urls[name]
      TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT = join(",", [for account in local.pushing_accounts[name] : google_service_account.account[account].email])
    }
  }

  # Ours speak over those of the variables, because the rest of this folder relies on them.
  environments = {
    publisher = merge(
      var.services.publisher.environment, local.google, local.bus, local.telemetry["publisher"], local.publisher_callers,
      local.publisher_rules,
    )
    updater = merge(local.updater_environment, local.google, local.firestore, local.pushed["updater"], local.telemetry["updater"], {
      TALARIA_ROUTES          = "/etc/talaria/routes.yaml"
      TALARIA_SECRETS__SOURCE = "secret-manager"
      TALARIA_MAX_INSTANCES   = tostring(var.services.updater.max_instances)
      # Cloud Scheduler asks for drains. A clock of the program's own stands still between requests.
      TALARIA_HELD__DRAIN_INTERVAL = "0s"
    })
    counter-tally = merge(var.services.counter-tally.environment, local.google, local.firestore, local.pushed["counter-tally"], local.telemetry["counter-tally"], {
      TALARIA_ROLE      = "tally"
      TALARIA_TIME_ZONE = var.time_zone
    })
    counter-page = merge(var.services.counter-page.environment, local.google, local.firestore, local.bus, local.telemetry["counter-page"], {
      TALARIA_ROLE         = "page"
      TALARIA_TIME_ZONE    = var.time_zone
      TALARIA_PAGE_READERS = "trusted-network"
    })
    sandbox = { TALARIA_SANDBOX__LISTEN = "0.0.0.0:8080", TALARIA_SANDBOX__CALLERS = "trusted-network" }
  }

  secret_variables = { publisher = { for name, version in local.publisher_keys : name => version if version != null } }

  # Pub/Sub of the same project counts as internal; a Tag Manager server, or a person with gcloud's proxy, does not.
  ingress = {
    publisher     = "INGRESS_TRAFFIC_ALL"
    updater       = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    counter-tally = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    counter-page  = var.page_domain == null ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    sandbox       = "INGRESS_TRAFFIC_ALL"
  }

  # As long as whoever asks waits: the tag 3 s, Pub/Sub the longest ack deadline, in which a drain ends as well; an open page for
  # as long as Cloud Run lets it.
  request_timeouts = {
    publisher     = 15
    updater       = max([for subscription in local.subscriptions : subscription.ack_deadline]...) + 10
    counter-tally = 70
    counter-page  = 3600
    sandbox       = 60
  }

  sandbox_size = {
    min_instances = 0, max_instances = 1, concurrency = 80, cpu = "1", memory = "512Mi", cpu_always = false
  }
  sizes = merge(
    { for name, size in var.services : name => size },
    var.sandbox ? { sandbox = local.sandbox_size } : {},
  )
  images = { counter-tally = "counter", counter-page = "counter", sandbox = "talaria" }
}
