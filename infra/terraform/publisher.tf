# How the publisher tells its callers from strangers, and what it does to their events.

locals {
  publisher_is_private = var.publisher_access == "cloud-run-iam"

  # Behind Cloud Run's check the publisher looks at the token as well, and counts each account's events apart. Whether a person is
  # in a group Cloud Run alone can tell, and a person's token is made out for gcloud: with those it relies on Cloud Run.
  knows_its_callers = alltrue([for member in var.publisher_callers : startswith(member, "serviceAccount:")])
  callers_mode = (
    !local.publisher_is_private ? var.publisher_access : local.knows_its_callers ? "cloud-run-iam" : "trusted-network"
  )
  publisher_callers = merge({ TALARIA_CALLERS = local.callers_mode }, !contains(["cloud-run-iam", "google-id-token"], local.callers_mode) ? {} : {
    TALARIA_ID_TOKEN__AUDIENCE = join(",", concat([local.urls["publisher"]], var.publisher_audiences))
    TALARIA_ID_TOKEN__SERVICE_ACCOUNT = join(",", concat(
      [google_service_account.account["tag"].email],
      [for member in var.publisher_callers : trimprefix(member, "serviceAccount:")],
    ))
  })

  publisher_rules = merge(
    {
      TALARIA_REDACTION__EMAILS        = var.redaction.emails
      TALARIA_REDACTION__CARD_NUMBERS  = var.redaction.card_numbers
      TALARIA_REDACTION__PHONE_NUMBERS = var.redaction.phone_numbers
      TALARIA_REDACTION__KEEP          = join(",", var.redaction.keep)
      TALARIA_ALLOWED_EVENTS           = join(",", var.allowed_events)
    },
    { for name, value in {
      TALARIA_RATE_LIMIT__RATE  = try(var.publisher_rate_limit.rate, null)
      TALARIA_RATE_LIMIT__BURST = try(tostring(var.publisher_rate_limit.burst), null)
    } : name => value if value != null },
  )

  # Secret versions that are read once, when an instance starts.
  publisher_keys = lookup({
    shared-secret = { TALARIA_SHARED_SECRET = var.shared_secret_version, TALARIA_SHARED_SECRET_PREVIOUS = var.shared_secret_previous_version }
    hmac          = { TALARIA_HMAC_KEY = var.hmac_key_version, TALARIA_HMAC_KEY_PREVIOUS = var.hmac_key_previous_version }
  }, var.publisher_access, {})
}
