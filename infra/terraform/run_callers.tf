# Who may call which service. Cloud Run asks this before a request reaches a program; there is no service without it.

locals {
  callers = merge(
    { for name in ["updater", "counter-tally"] : "${name} push" => { service = name, member = local.members["push"] } },
    { "updater scheduler" = { service = "updater", member = local.members["scheduler"] } },
    # The program itself then asks for a token, a signature or the secret.
    local.publisher_is_private ? {} : { "publisher everybody" = { service = "publisher", member = "allUsers" } },
    !local.publisher_is_private ? {} : merge(
      { "publisher tag" = { service = "publisher", member = local.members["tag"] } },
      { for member in var.publisher_callers : "publisher ${member}" => { service = "publisher", member = member } },
    ),
    # Behind Identity-Aware Proxy, which then asks who reads.
    var.page_domain == null ? {} : { "counter-page iap" = { service = "counter-page", member = local.iap_agent } },
    var.page_domain != null ? {} : {
      for member in var.page_readers : "counter-page ${member}" => { service = "counter-page", member = member }
    },
    !var.sandbox ? {} : merge(
      { "sandbox updater" = { service = "sandbox", member = local.members["updater"] } },
      { for member in var.page_readers : "sandbox ${member}" => { service = "sandbox", member = member } },
    ),
  )
}

resource "google_cloud_run_v2_service_iam_member" "caller" {
  for_each = local.callers

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.service[each.value.service].name
  role     = "roles/run.invoker"
  member   = each.value.member
}
