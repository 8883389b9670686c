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

  # Cloud Run has checked the token's signature and taken it off; the service compares what it says.
  pushed = {
    for name in ["updater", "counter-tally"] : name => {
      TALARIA_PUSH_CALLERS__MODE            = "cloud-run-iam"
      TALARIA_PUSH_CALLERS__AUDIENCE        = local.urls[name]
      TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT = google_service_account.account["push"].email
    }
  }

  # Ours speak over those of the variables, because the rest of this folder relies on them.
  environments = {
    publisher = merge(var.services.publisher.environment, local.google, local.bus, {
      TALARIA_CALLERS = var.publisher_access == "cloud-run-iam" ? "trusted-network" : "shared-secret"
    })
    updater = merge(local.updater_environment, local.google, local.firestore, local.pushed["updater"], {
      TALARIA_ROUTES          = "/etc/talaria/routes.yaml"
      TALARIA_SECRETS__SOURCE = "secret-manager"
      TALARIA_MAX_INSTANCES   = tostring(var.services.updater.max_instances)
    })
    counter-tally = merge(var.services.counter-tally.environment, local.google, local.firestore, local.pushed["counter-tally"], {
      TALARIA_ROLE      = "tally"
      TALARIA_TIME_ZONE = var.time_zone
    })
    counter-page = merge(var.services.counter-page.environment, local.google, local.firestore, local.bus, {
      TALARIA_ROLE         = "page"
      TALARIA_TIME_ZONE    = var.time_zone
      TALARIA_PAGE_READERS = "trusted-network"
    })
    sandbox = { TALARIA_SANDBOX__LISTEN = "0.0.0.0:8080", TALARIA_SANDBOX__CALLERS = "trusted-network" }
  }

  # Secret versions that are read once, when an instance starts.
  secret_variables = {
    publisher = var.publisher_access != "shared-secret" ? {} : { for name, version in {
      TALARIA_SHARED_SECRET          = coalesce(var.shared_secret_version, "missing")
      TALARIA_SHARED_SECRET_PREVIOUS = var.shared_secret_previous_version
    } : name => version if version != null }
  }

  # Pub/Sub of the same project counts as internal; a Tag Manager server, or a person with gcloud's proxy, does not.
  ingress = {
    publisher     = "INGRESS_TRAFFIC_ALL"
    updater       = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    counter-tally = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    counter-page  = var.page_domain == null ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    sandbox       = "INGRESS_TRAFFIC_ALL"
  }

  # As long as whoever asks waits: the tag 3 s, Pub/Sub the longest ack deadline; an open page for as long as Cloud Run lets it.
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
