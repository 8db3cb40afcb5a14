# One task on Fargate. Its ledger is a file, which belongs to one process: a new task starts when the old one is gone, and the queue keeps what happens between.

locals {
  service = var.image == null ? 0 : 1
  ledger  = "/var/lib/detector/detector.db"
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

resource "aws_vpc_security_group_egress_rule" "ledger" {
  count = local.service

  security_group_id            = aws_security_group.task[0].id
  description                  = "The file system of the ledger"
  referenced_security_group_id = aws_security_group.ledger[0].id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

# --- the ledger's file system ---

resource "aws_security_group" "ledger" {
  count = local.service

  name        = "${var.name}-ledger"
  description = "The file system of the detector"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "ledger" {
  count = local.service

  security_group_id            = aws_security_group.ledger[0].id
  description                  = "The detector alone"
  referenced_security_group_id = aws_security_group.task[0].id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_efs_file_system" "ledger" {
  count = local.service

  encrypted  = true
  kms_key_id = local.key_arn
  tags       = merge(var.tags, { Name = "${var.name}-ledger" })
}

resource "aws_efs_backup_policy" "ledger" {
  count = local.service

  file_system_id = aws_efs_file_system.ledger[0].id
  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "ledger" {
  for_each = var.image == null ? toset([]) : toset(var.subnet_ids)

  file_system_id  = aws_efs_file_system.ledger[0].id
  subnet_id       = each.value
  security_groups = [aws_security_group.ledger[0].id]
}

# The image's user is 1654 (APP_UID of .NET's images).
resource "aws_efs_access_point" "ledger" {
  count = local.service

  file_system_id = aws_efs_file_system.ledger[0].id
  tags           = var.tags

  posix_user {
    uid = 1654
    gid = 1654
  }

  root_directory {
    path = "/detector"
    creation_info {
      owner_uid   = 1654
      owner_gid   = 1654
      permissions = "0700"
    }
  }
}

resource "aws_efs_file_system_policy" "ledger" {
  count = local.service

  file_system_id = aws_efs_file_system.ledger[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Detector"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
      },
      {
        Sid       = "NothingInTheClear"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
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

resource "aws_iam_role_policy" "secret" {
  count = var.image != null && var.slack_webhook_secret != null ? 1 : 0

  name = "slack-webhook"
  role = aws_iam_role.execution[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = var.slack_webhook_secret }]
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
    secrets                = var.slack_webhook_secret == null ? [] : [{ name = "DETECTOR_SLACK__WEBHOOK", valueFrom = var.slack_webhook_secret }]
    mountPoints            = [{ sourceVolume = "ledger", containerPath = "/var/lib/detector", readOnly = false }]
    linuxParameters        = { initProcessEnabled = true }
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
    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.ledger[0].id
      transit_encryption = "ENABLED"
      authorization_config {
        access_point_id = aws_efs_access_point.ledger[0].id
        iam             = "ENABLED"
      }
    }
  }
}

resource "aws_ecs_service" "this" {
  count = local.service

  name                               = var.name
  cluster                            = aws_ecs_cluster.this[0].id
  task_definition                    = aws_ecs_task_definition.this[0].arn
  desired_count                      = 1
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.task[0].id]
    assign_public_ip = var.assign_public_ip
  }

  depends_on = [aws_efs_mount_target.ledger]
}
