# The ledger in MemoryDB: Redis that writes each change to a log in several zones before it answers, so that a failover loses nothing.

locals {
  redis_user = "${var.name}-ledger"

  # What the detector asks, and of its own keys alone; docs/operating.md has it too, and a test runs the detector under it.
  redis_access = join(" ", [
    "on ~{${var.name}}:* ~{${var.name}} -@all",
    "+eval +evalsha +script +wait +info +ping +echo +cluster|nodes",
    "+get +set +del +exists +append +getrange +strlen +getdel +decrby +incr +incrby +persist +pexpire +pttl +time",
    "+hdel +hexists +hget +hgetall +hincrby +hkeys +hmget +hset +hsetnx +hstrlen",
    "+sadd +scard +smembers +srem +zadd +zcard +zrange +zrangebyscore +zrem +zrevrangebyscore +zscore",
  ])
}

data "aws_secretsmanager_random_password" "redis" {
  count = local.redis

  password_length     = 40
  exclude_punctuation = true
}

# Drawn once. It stands in Terraform's state, so keep that encrypted; `terraform apply -replace` of this draws another.
resource "terraform_data" "redis_password" {
  count = local.redis

  input = data.aws_secretsmanager_random_password.redis[0].random_password

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_secretsmanager_secret" "redis" {
  count = local.redis

  name_prefix = "${var.name}-redis-"
  description = "The connection of the detector to its ledger: ledger.redis"
  kms_key_id  = local.key_arn
  tags        = var.tags
}

resource "aws_secretsmanager_secret_version" "redis" {
  count = local.redis

  secret_id     = aws_secretsmanager_secret.redis[0].id
  secret_string = "${one(aws_memorydb_cluster.ledger[0].cluster_endpoint).address}:6379,ssl=true,user=${local.redis_user},password=${terraform_data.redis_password[0].output}"
}

resource "aws_memorydb_user" "ledger" {
  count = local.redis

  user_name     = local.redis_user
  access_string = local.redis_access
  tags          = var.tags

  authentication_mode {
    type      = "password"
    passwords = [terraform_data.redis_password[0].output]
  }
}

resource "aws_memorydb_acl" "ledger" {
  count = local.redis

  name       = "${var.name}-ledger"
  user_names = [aws_memorydb_user.ledger[0].user_name]
  tags       = var.tags
}

# A ledger that forgets when it is full would tell alerts twice, or never: it must refuse instead.
resource "aws_memorydb_parameter_group" "ledger" {
  count = local.redis

  name   = "${var.name}-ledger"
  family = "memorydb_redis7"
  tags   = var.tags

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_memorydb_subnet_group" "ledger" {
  count = local.redis

  name       = "${var.name}-ledger"
  subnet_ids = var.subnet_ids
  tags       = var.tags
}

resource "aws_memorydb_cluster" "ledger" {
  count = local.redis

  name                     = "${var.name}-ledger"
  description              = "The ledger of the detector"
  acl_name                 = aws_memorydb_acl.ledger[0].name
  engine_version           = "7.1"
  node_type                = var.redis_node_type
  num_shards               = 1
  num_replicas_per_shard   = 1
  parameter_group_name     = aws_memorydb_parameter_group.ledger[0].name
  subnet_group_name        = aws_memorydb_subnet_group.ledger[0].name
  security_group_ids       = [aws_security_group.redis[0].id]
  tls_enabled              = true
  kms_key_arn              = local.key_arn
  snapshot_retention_limit = 7
  tags                     = var.tags
}

resource "aws_security_group" "redis" {
  count = local.redis

  name        = "${var.name}-redis"
  description = "The ledger of the detector"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  count = local.redis

  security_group_id            = aws_security_group.redis[0].id
  description                  = "The detector alone"
  referenced_security_group_id = aws_security_group.task[0].id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_egress_rule" "redis" {
  count = local.redis

  security_group_id            = aws_security_group.task[0].id
  description                  = "The ledger"
  referenced_security_group_id = aws_security_group.redis[0].id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}
