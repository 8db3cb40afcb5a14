locals {
  parts = {
    queue = { url = local.queue_url }
    sns   = { topic = local.topic_arn }
    deployment = merge(
      {
        rules       = concat(keys(local.rules), ["${var.name}-forwarded"])
        bus         = var.name
        deadLetters = "${local.queue_name}-dead"
        roles       = concat([local.role_name], var.image == null ? [] : ["${var.name}-execution"])
        alarms      = ["${var.name}-queue-age", "${var.name}-dead-letters", "${var.name}-heartbeat"]
      },
      local.kms ? { key = aws_kms_key.this[0].arn } : {},
      var.image == null ? {} : { service = "${var.name}/${var.name}", logGroup = "/${var.name}" },
      local.efs == 0 ? {} : { fileSystem = aws_efs_file_system.ledger[0].id },
      local.redis == 0 ? {} : { ledgerCluster = "${var.name}-ledger" },
    )
  }

  # Elsewhere than in the service the ledger is a file of that place, or the Redis whose connection somebody has fetched.
  configuration = merge(local.parts, { ledger = local.redis == 0 ? { file = "detector.db" } : { redisFile = "redis-connection", prefix = var.name } })

  # The service's own. Its connection to Redis is a secret, which comes by itself.
  service_configuration = merge(local.parts, {
    ledger    = local.redis == 0 ? { file = "/var/lib/detector/detector.db" } : { prefix = var.name }
    heartbeat = { log = "true", every = "1m" }
    log       = { format = "json" }
  })

  # The same for a container: slack.webhookFile is DETECTOR_SLACK__WEBHOOK_FILE.
  environment = merge([
    for group, settings in local.service_configuration : {
      for key, value in settings :
      "DETECTOR_${upper(group)}__${upper(replace(key, "/([A-Z])/", "_$1"))}" => try(join(",", value), value)
    }
  ]...)
}

output "detector_yaml" {
  description = "What `detector run --config detector.yaml` takes as it is. Slack's webhook is a secret, so it is not in it."
  value       = yamlencode(local.configuration)
}

output "redis_secret_arn" {
  description = "The secret whose text is ledger.redis, for a detector that runs elsewhere; null without ledger = \"redis\"."
  value       = one(aws_secretsmanager_secret.redis[*].arn)
}

output "queue_url" {
  description = "The queue that holds the events."
  value       = local.queue_url
}

output "topic_arn" {
  description = "The topic that alerts are published to; subscribe what should get them."
  value       = aws_sns_topic.alerts.arn
}

output "bus_arn" {
  description = "The bus that modules/forwarder of other regions and accounts needs."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "role_arn" {
  description = "The role of the detector."
  value       = aws_iam_role.task.arn
}

output "patterns" {
  description = "The patterns of the rules, for modules/forwarder."
  value       = local.patterns
}
