# Outputs for other modules.

output "name" {
  description = "The load balancer's name."
  value       = aws_elb.this.name
}

output "arn" {
  description = "The load balancer's ARN."
  value       = aws_elb.this.arn
}

output "dns_name" {
  description = "The DNS name of the load balancer, for additional records."
  value       = aws_elb.this.dns_name
}

output "zone_id" {
  description = "The Route 53 zone of the DNS name, for additional alias records."
  value       = data.aws_elb_hosted_zone_id.this.id
}

output "security_group_id" {
  description = "The load balancer's security group."
  value       = aws_security_group.load_balancer.id
}
