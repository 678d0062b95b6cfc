# Outputs for other modules.

output "name" {
  description = "The load balancer's name."
  value       = aws_lb.this.name
}

output "arn" {
  description = "The load balancer's ARN."
  value       = aws_lb.this.arn
}

output "dns_name" {
  description = "The DNS name of the load balancer, for additional records."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "The Route 53 zone of the DNS name, for additional alias records."
  value       = aws_lb.this.zone_id
}

output "security_group_id" {
  description = "The load balancer's security group."
  value       = aws_security_group.load_balancer.id
}

output "target_group_arns" {
  description = "The target groups by listener, for nodes that are attached in another module."

  value = {
    http  = aws_lb_target_group.http.arn
    https = aws_lb_target_group.https.arn
  }
}
