# The service on Fargate. A ledger on EFS is a file, which belongs to one process: a new task starts when the old one is gone, and the queue keeps what happens
# between. A ledger in Redis is shared: several tasks run, and a new one starts before the old one goes.

locals {
  service = var.image == null ? 0 : 1
  efs     = var.ledger == "efs" ? local.service : 0
  redis   = var.ledger == "redis" ? local.service : 0
}

resource "aws_cloudwatch_log_group" "this" {
  count = local.service

  name              = "/${var.name}"
  retention_in_days = 90
  kms_key_id        = local.key_arn
  tags              = var.tags
}

resource "aws_security_group" "task" {
  count = local.service

  name        = "${var.name}-task"
  description = "The detector: nothing comes in"
  vpc_id      = var.vpc_id
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = var.vpc_id != null && length(var.subnet_ids) > 0
      error_message = "image goes with vpc_id and subnet_ids."
    }
    precondition {
      condition     = var.tasks == 1 || var.ledger == "redis"
      error_message = "A ledger on EFS belongs to one task: several need ledger = \"redis\"."
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "https" {
  count = local.service

  security_group_id = aws_security_group.task[0].id
  description       = "Endpoints of AWS and Slack"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# --- the service ---

resource "aws_iam_role" "execution" {
  count = local.service

  name = "${var.name}-execution"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "execution" {
  count = local.service

  role       = aws_iam_role.execution[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

# Secrets that the task starts with, by the variable that holds each.
locals {
  secrets = merge(
    var.slack_webhook_secret == null ? {} : { DETECTOR_SLACK__WEBHOOK = var.slack_webhook_secret },
    local.redis == 0 ? {} : { DETECTOR_LEDGER__REDIS = aws_secretsmanager_secret.redis[0].arn },
  )
}

resource "aws_iam_role_policy" "secret" {
  count = var.image != null && (var.slack_webhook_secret != null || var.ledger == "redis") ? 1 : 0

  name = "secrets"
  role = aws_iam_role.execution[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = values(local.secrets) }],
      local.redis == 1 && local.kms ? [{
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = aws_kms_key.this[0].arn
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.${local.suffix}" } }
      }] : [],
    )
  })
}

resource "aws_ecs_cluster" "this" {
  count = local.service

  name = var.name
  tags = var.tags
}

resource "aws_ecs_task_definition" "this" {
  count = local.service

  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution[0].arn
  tags                     = var.tags

  container_definitions = jsonencode([{
    name                   = "detector"
    image                  = var.image
    command                = ["run"]
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 60
    environment            = [for name, value in local.environment : { name = name, value = value }]
    secrets                = [for name, secret in local.secrets : { name = name, valueFrom = secret }]
    mountPoints            = [{ sourceVolume = "ledger", containerPath = "/var/lib/detector", readOnly = false }]
    linuxParameters        = { initProcessEnabled = true }
    healthCheck            = { command = ["CMD", "/opt/detector/detector", "health"], interval = 30, timeout = 10, retries = 3, startPeriod = 60 }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this[0].name
        awslogs-region        = local.region
        awslogs-stream-prefix = "detector"
      }
    }
  }])

  volume {
    name = "ledger"
    dynamic "efs_volume_configuration" {
      for_each = range(local.efs)
      content {
        file_system_id     = aws_efs_file_system.ledger[0].id
        transit_encryption = "ENABLED"
        authorization_config {
          access_point_id = aws_efs_access_point.ledger[0].id
          iam             = "ENABLED"
        }
      }
    }
  }
}

resource "aws_ecs_service" "this" {
  count = local.service

  name                               = var.name
  cluster                            = aws_ecs_cluster.this[0].id
  task_definition                    = aws_ecs_task_definition.this[0].arn
  desired_count                      = var.tasks
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = local.redis * 100
  deployment_maximum_percent         = local.redis * 100 + 100
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.task[0].id]
    assign_public_ip = var.assign_public_ip
  }

  depends_on = [aws_efs_mount_target.ledger, aws_memorydb_cluster.ledger, aws_secretsmanager_secret_version.redis]
}
