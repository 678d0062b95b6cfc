// Eclipse Jetty, embedded: `java JettyServer HOST PORT`.
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

final class JettyServer {
    public static void main(String[] arguments) throws Exception {
        Server server = new Server(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
        ServletContextHandler context = new ServletContextHandler();
        Echo.RESTRICTED.forEach((path, handler) -> context.addServlet(new ServletHolder(new Echo(handler)), path));
        context.addServlet(new ServletHolder(new Echo("any")), "/");
        server.setHandler(context);
        server.start();
        server.join();
    }
}
