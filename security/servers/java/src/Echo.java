// The servlet that both Java servers of the security suite run: one line a request on stdout.
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

final class Echo extends HttpServlet {
    static final Map<String, String> RESTRICTED = new LinkedHashMap<>();

    static {
        RESTRICTED.put("/admin/users", "admin");
        RESTRICTED.put("/team/list", "team");
        RESTRICTED.put("/secret", "secret");
        RESTRICTED.put("/v1/private", "private");
        RESTRICTED.put("/write", "write");
        RESTRICTED.put("/upload", "upload");
        RESTRICTED.put("/beta", "beta");
    }

    private final String handler;

    Echo(String handler) {
        this.handler = handler;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        long body = request.getInputStream().readAllBytes().length;
        String query = request.getQueryString() == null ? "" : request.getQueryString();
        StringBuilder headers = new StringBuilder();
        for (String name : Collections.list(request.getHeaderNames()))
            for (String value : Collections.list(request.getHeaders(name)))
                headers.append(headers.isEmpty() ? "" : ",").append('[').append(json(name)).append(',').append(json(value)).append(']');
        System.out.println("{\"handler\":" + json(handler) + ",\"method\":" + json(request.getMethod())
            + ",\"path\":" + json(request.getRequestURI()) + ",\"query\":" + json(query)
            + ",\"host\":" + json(request.getServerName()) + ",\"headers\":[" + headers + "],\"body\":" + body + "}");
        response.setStatus(203);
        response.getOutputStream().print(handler + " " + query + "\n");
    }

    private static String json(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char one : text.toCharArray())
            if (one < 0x20 || one == '"' || one == '\\' || one > 0x7e) out.append(String.format("\\u%04x", (int) one));
            else out.append(one);
        return out.append('"').toString();
    }
}
