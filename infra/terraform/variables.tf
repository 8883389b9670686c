variable "project" {
  description = "The project's id. A project of its own is the simplest to look after and to remove."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9.:-]{4,}[a-z0-9]$", var.project))
    error_message = "project is the project's id, as gcloud projects list shows it, such as my-shop-123456."
  }
}

variable "region" {
  description = "Where the services run and the images are kept."
  type        = string
}

variable "firestore_location" {
  description = "Where the database is; never to be changed. A region, or eur3 or nam5 for several at twice the price. The region if null."
  type        = string
  default     = null
}

variable "firestore_database" {
  description = "The database's id. Only one database of a project has the free quota."
  type        = string
  default     = "(default)"
}

variable "prefix" {
  description = "What the names of services and accounts begin with."
  type        = string
  default     = "talaria"

  # Account ids have 30 characters, the longest part here 15; longer addresses have no form that is known beforehand.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,13}[a-z0-9]$", var.prefix))
    error_message = "prefix is 2 to 15 small letters, digits and dashes, with a letter first and no dash last."
  }
}

variable "topic" {
  description = "The topic that events go to."
  type        = string
  default     = "backend-updates"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{2,99}$", var.topic)) && !startswith(var.topic, "goog")
    error_message = "topic is 3 to 100 letters, digits, _ and -, with a letter first, and does not begin with goog."
  }
}

variable "topic_retention_days" {
  description = "How long the topic keeps messages that were delivered, for seeking back; 0 for not at all. Storage is paid for."
  type        = number
  default     = 7

  # The services remember events for 45 days: 30 of dead letters, 7 of the subscription, 7 of the dead-letter topic.
  validation {
    condition     = floor(var.topic_retention_days) == var.topic_retention_days && var.topic_retention_days >= 0 && var.topic_retention_days <= 7
    error_message = "topic_retention_days is a whole number from 0 to 7: what comes again later would no longer be remembered as done."
  }
}

variable "routes" {
  description = "The routes file: the same one that the updater reads and that talaria check looks through."
  type        = string
  default     = "../../config/routes.yaml"
}

variable "retiring" {
  description = "Subscriptions of destinations or filters that the routes file no longer has, kept until they owe nothing. The part of the name after the topic and the dot, to what it was made with."
  type = map(object({
    ack_deadline_seconds = optional(number, 60)
    filter               = optional(string)
  }))
  default = {}
}

variable "deletion_protection" {
  description = "Refuses to remove services, database and event lake. Set to false, and apply, before terraform destroy."
  type        = bool
  default     = true
}
