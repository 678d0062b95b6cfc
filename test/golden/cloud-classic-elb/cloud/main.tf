# The classic load balancer of the edge shop, written by Portico: change its description and render again.

locals {
  tags = merge({
    "portico:edge"      = "shop"
    "portico:namespace" = "default"
  }, var.tags)
}

resource "aws_elb" "this" {
  name            = var.name
  internal        = false
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.load_balancer.id]
  tags            = local.tags

  # In seconds: a classic ELB's own default.
  idle_timeout = 60

  # Connections through a node that leaves may end by themselves.
  connection_draining = true

  # As long as HAProxy gives in-flight requests when a pod is removed.
  connection_draining_timeout = 60

  # Zones need not have the same number of nodes, and it costs nothing.
  cross_zone_load_balancing = true

  # To HAProxy's listener http.
  listener {
    lb_port           = 80
    lb_protocol       = "tcp"
    instance_port     = 30080
    instance_protocol = "tcp"
  }

  # To HAProxy's listener https; TLS ends here.
  listener {
    lb_port            = 443
    lb_protocol        = "ssl"
    instance_port      = 30443
    instance_protocol  = "tcp"
    ssl_certificate_id = var.certificate_arn
  }

  health_check {
    # A connection opens as long as some HAProxy is ready.
    target = "TCP:30443"

    # A dead node is out after 20 s.
    interval = 10

    # A connection within a cluster takes milliseconds; a slow one is not yet a dead one.
    timeout = 5

    # A node that is back is used after 20 s.
    healthy_threshold = 2

    # One lost check is no death.
    unhealthy_threshold = 2
  }
}

# Says by a PROXY header (version 1) who the client is, on the node ports whose listener expects one.
resource "aws_proxy_protocol_policy" "this" {
  load_balancer  = aws_elb.this.name
  instance_ports = ["30080", "30443"]
}

# Which TLS versions and ciphers clients may use.
resource "aws_load_balancer_policy" "tls_https" {
  load_balancer_name = aws_elb.this.name
  policy_name        = "ELBSecurityPolicy-TLS-1-2-2017-01"
  policy_type_name   = "SSLNegotiationPolicyType"

  policy_attribute {
    name = "Reference-Security-Policy"

    # What AWS recommends: TLS 1.2 and newer.
    value = "ELBSecurityPolicy-TLS-1-2-2017-01"
  }

  lifecycle {
    # A policy that a listener has cannot be deleted.
    create_before_destroy = true
  }
}

resource "aws_load_balancer_listener_policy" "tls_https" {
  load_balancer_name = aws_elb.this.name
  load_balancer_port = 443
  policy_names       = [aws_load_balancer_policy.tls_https.policy_name]
}

# Nodes come and go with their Auto Scaling group.
resource "aws_autoscaling_attachment" "nodes" {
  for_each               = var.autoscaling_groups
  autoscaling_group_name = each.value
  elb                    = aws_elb.this.name
}

resource "aws_elb_attachment" "nodes" {
  for_each = var.instances
  elb      = aws_elb.this.name
  instance = each.value
}

# The Route 53 zone that every classic ELB of this region has its name in.
data "aws_elb_hosted_zone_id" "this" {}
