# A local syslog socket (as /dev/log is): takes datagrams and throws them away. Argument: its path. Says "ready" when it is there.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($path) = @ARGV;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die "$path: $!\n";
$| = 1;
print "ready\n";
my $line;
while (1) { recv($socket, $line, 65536, 0) }
