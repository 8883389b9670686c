# Who may send events, and what becomes of them before they are published.

variable "publisher_access" {
  description = "How callers prove themselves. cloud-run-iam: the publisher is private, and Cloud Run checks Google identity tokens. With the others anybody reaches the publisher, which checks by itself: google-id-token (the same tokens), hmac (signatures with a key that both sides have), shared-secret (X-Talaria-Key)."
  type        = string
  default     = "cloud-run-iam"

  validation {
    condition     = contains(["cloud-run-iam", "google-id-token", "hmac", "shared-secret"], var.publisher_access)
    error_message = "publisher_access is cloud-run-iam, google-id-token, hmac or shared-secret."
  }
}

variable "publisher_callers" {
  description = "Who else may call a publisher that takes Google identity tokens, besides the tag's account: serviceAccount:…, and for cloud-run-iam also group:…, user:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.publisher_callers : can(regex("^(serviceAccount|group|user|principal|principalSet):", member))])
    error_message = "publisher_callers are members such as serviceAccount:shop@my-shop.iam.gserviceaccount.com; everybody is none of them."
  }

  # The publisher compares e-mail addresses; it knows no groups, and a person's token is made out for gcloud.
  validation {
    condition     = var.publisher_access != "google-id-token" || alltrue([for member in var.publisher_callers : startswith(member, "serviceAccount:")])
    error_message = "With publisher_access google-id-token the publisher knows callers by their account: publisher_callers are serviceAccount:… alone."
  }
}

variable "publisher_audiences" {
  description = "What else tokens for the publisher may be made out for, besides its address at Cloud Run: a domain's address, such as https://events.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for audience in var.publisher_audiences : can(regex("^[^,\\s]+$", audience))])
    error_message = "publisher_audiences are audiences without spaces and commas."
  }
}

variable "shared_secret_version" {
  description = "For shared-secret: which version of the secret publisher-key callers send. Pinned, so that a rotation is a deployment."
  type        = string
  default     = null

  validation {
    condition     = var.shared_secret_version == null || can(regex("^[0-9]+$", var.shared_secret_version))
    error_message = "shared_secret_version is a version's number: latest would change under instances that run."
  }
}

variable "shared_secret_previous_version" {
  description = "A version that is taken as well, while callers move to the other."
  type        = string
  default     = null

  validation {
    condition     = var.shared_secret_previous_version == null || can(regex("^[0-9]+$", var.shared_secret_previous_version))
    error_message = "shared_secret_previous_version is a version's number."
  }
}

variable "hmac_key_version" {
  description = "For hmac: which version of the secret publisher-hmac-key callers sign with."
  type        = string
  default     = null

  validation {
    condition     = var.hmac_key_version == null || can(regex("^[0-9]+$", var.hmac_key_version))
    error_message = "hmac_key_version is a version's number: latest would change under instances that run."
  }
}

variable "hmac_key_previous_version" {
  description = "A version whose signatures are taken as well, while callers move to the other."
  type        = string
  default     = null

  validation {
    condition     = var.hmac_key_previous_version == null || can(regex("^[0-9]+$", var.hmac_key_previous_version))
    error_message = "hmac_key_previous_version is a version's number."
  }
}

variable "publisher_rate_limit" {
  description = "How many events each caller may send, such as 100/s or 6000/m, and how many at once (burst). Of one instance: together they take up to services.publisher.max_instances times as many. No limit if null."
  type = object({
    rate  = string
    burst = optional(number)
  })
  default = null

  validation {
    condition     = var.publisher_rate_limit == null || can(regex("^[1-9][0-9]*/[sm]$", var.publisher_rate_limit.rate))
    error_message = "publisher_rate_limit.rate is events in a second or a minute: 100/s, 6000/m."
  }

  validation {
    condition     = try(var.publisher_rate_limit.burst, null) == null || try(var.publisher_rate_limit.burst >= 1 && floor(var.publisher_rate_limit.burst) == var.publisher_rate_limit.burst, false)
    error_message = "publisher_rate_limit.burst is a whole number of events, at least 1."
  }
}

variable "allowed_events" {
  description = "Event types that the publisher takes, such as purchase and generate_lead; all if there are none."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for type in var.allowed_events : can(regex("^[^,\\s]+$", type))])
    error_message = "allowed_events are event types without spaces and commas."
  }
}

variable "redaction" {
  description = "What the publisher does to e-mail addresses, card numbers and telephone numbers in clear: redact, hash (no card numbers), refuse or off. keep: paths that are left as they are, such as /data/contact_email or /data/people/*/email."
  type = object({
    emails        = optional(string, "redact")
    card_numbers  = optional(string, "redact")
    phone_numbers = optional(string, "off")
    keep          = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for way in [var.redaction.emails, var.redaction.card_numbers, var.redaction.phone_numbers] : contains(["redact", "hash", "refuse", "off"], way)])
    error_message = "redaction: emails, card_numbers and phone_numbers are redact, hash, refuse or off."
  }

  validation {
    condition     = var.redaction.card_numbers != "hash"
    error_message = "redaction: card numbers can't be hashed, because trying all of them turns the hash back: use redact, refuse or off."
  }

  validation {
    condition     = alltrue([for path in var.redaction.keep : can(regex("^(/[^/,\\s]+)+$", path))])
    error_message = "redaction.keep are paths that begin with a slash, such as /data/contact_email, without spaces and commas."
  }
}
