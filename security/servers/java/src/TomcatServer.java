// Apache Tomcat, embedded: `java TomcatServer HOST PORT`.
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

final class TomcatServer {
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[2]);
        Connector connector = new Connector();
        connector.setPort(Integer.parseInt(arguments[1]));
        connector.setProperty("address", arguments[0]);
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Echo.RESTRICTED.forEach((path, handler) -> {
            Tomcat.addServlet(context, handler, new Echo(handler));
            context.addServletMappingDecoded(path, handler);
        });
        Tomcat.addServlet(context, "any", new Echo("any"));
        context.addServletMappingDecoded("/", "any");
        tomcat.start();
        tomcat.getServer().await();
    }
}
