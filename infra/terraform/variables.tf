variable "name" {
  description = "What every part is named after. Keep \"detector\" in it, or tell the detector its names (detector_yaml does)."
  type        = string
  default     = "detector"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,31}$", var.name))
    error_message = "name: 2 to 32 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "patterns" {
  description = "EventBridge patterns, as JSON texts; null for those of the shipped rules. `detector infra terraform` prints those of other rules."
  type        = list(string)
  default     = null

  validation {
    condition     = var.patterns == null ? true : length(var.patterns) > 0 && alltrue([for pattern in var.patterns : length(pattern) <= 4096 && can(jsondecode(pattern))])
    error_message = "patterns: at least one, each JSON of at most 4096 characters."
  }
}

variable "forwarding_accounts" {
  description = "Accounts whose rules may put events on the detector's bus (modules/forwarder). This account needs no naming."
  type        = list(string)
  default     = []
}

variable "organization_id" {
  description = "An organisation, such as o-a1b2c3d4e5, of which every account may forward; null for none."
  type        = string
  default     = null
}

variable "encryption" {
  description = "sqs: keys that SQS manages, at no cost. kms: a key of this account's own for queue, topic, log and file system."
  type        = string
  default     = "sqs"

  validation {
    condition     = contains(["sqs", "kms"], var.encryption)
    error_message = "encryption: sqs or kms."
  }
}

variable "alert_emails" {
  description = "Addresses that get alerts and alarms; each must confirm."
  type        = list(string)
  default     = []
}

variable "slack_webhook_secret" {
  description = "ARN of a secret of Secrets Manager whose text is Slack's webhook; null for no Slack."
  type        = string
  default     = null
}

variable "image" {
  description = "The detector's container image; null to deploy no service, and run the detector elsewhere by the output detector_yaml."
  type        = string
  default     = null
}

variable "ledger" {
  description = "Where the service keeps what was told and what is still to be told. efs: a file, for one task. redis: MemoryDB, for several tasks. Goes with image."
  type        = string
  default     = "efs"

  validation {
    condition     = contains(["efs", "redis"], var.ledger)
    error_message = "ledger: efs or redis."
  }
}

variable "tasks" {
  description = "How many detectors run; more than one needs ledger = \"redis\"."
  type        = number
  default     = 1

  validation {
    condition     = var.tasks >= 1 && var.tasks <= 20 && floor(var.tasks) == var.tasks
    error_message = "tasks: 1 to 20."
  }
}

variable "redis_node_type" {
  description = "The size of MemoryDB's two nodes."
  type        = string
  default     = "db.t4g.small"
}

variable "vpc_id" {
  description = "Where the service runs. Goes with image."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of the service, with a way out to AWS's endpoints and Slack. Goes with image."
  type        = list(string)
  default     = []
}

variable "assign_public_ip" {
  description = "Whether the service gets a public address: needed in subnets without a NAT gateway. Nothing can connect to it either way."
  type        = bool
  default     = false
}

variable "alarm_actions" {
  description = "More ARNs that get the alarms, besides the alert topic."
  type        = list(string)
  default     = []
}

variable "doctor" {
  description = "Whether the role may also read what `detector doctor` looks at."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of every part."
  type        = map(string)
  default     = {}
}
