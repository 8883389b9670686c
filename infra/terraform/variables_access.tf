variable "publisher_access" {
  description = "cloud-run-iam: the publisher is private, and callers send Google identity tokens. shared-secret: anybody reaches it, and callers send X-Talaria-Key, for tags that have no Google account."
  type        = string
  default     = "cloud-run-iam"

  validation {
    condition     = contains(["cloud-run-iam", "shared-secret"], var.publisher_access)
    error_message = "publisher_access is cloud-run-iam or shared-secret."
  }
}

variable "publisher_callers" {
  description = "Who else may call a private publisher, besides the tag's account: serviceAccount:…, group:…, user:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.publisher_callers : can(regex("^(serviceAccount|group|user|principal|principalSet):", member))])
    error_message = "publisher_callers are members such as serviceAccount:shop@my-shop.iam.gserviceaccount.com; everybody is none of them."
  }
}

variable "tag_runs_as" {
  description = "E-mail addresses of the service accounts that the Tag Manager server containers run as. They may mint tokens of the tag's account."
  type        = list(string)
  default     = []
}

variable "tag_writes_to_topic" {
  description = "Lets tag_runs_as write to the topic itself, for containers that can't reach the publisher."
  type        = bool
  default     = false
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

variable "page_readers" {
  description = "Who may read the page, and replay dead letters from it: group:…, user:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.page_readers : can(regex("^(serviceAccount|group|user|domain|principal|principalSet):", member))])
    error_message = "page_readers are members such as group:analytics@example.com; everybody is none of them."
  }
}

variable "page_domain" {
  description = "A domain for the page: a load balancer with Identity-Aware Proxy stands in front. Without one the page is reached through gcloud run services proxy, by page_readers."
  type        = string
  default     = null
}

variable "sandbox" {
  description = "Also runs the sandbox back office, which shows what it was sent: for the first purchase."
  type        = bool
  default     = false
}
