# WEBrick: `ruby webrick_app.rb HOST PORT`.
require "webrick"
require_relative "record"

class Echo < WEBrick::HTTPServlet::AbstractServlet
  def service(request, response)
    body = request.body.to_s.bytesize
    headers = request.header.flat_map { |name, values| values.map { |value| [name, value] } }
    response.status = STATUS
    response.body = record(
      method: request.request_method, path: request.path, query: request.query_string,
      host: request.host, headers: headers, body: body
    )
  end
end

log = WEBrick::Log.new(File::NULL)
server = WEBrick::HTTPServer.new(
  BindAddress: ARGV[0], Port: ARGV[1].to_i, Logger: log, AccessLog: [], MaxClients: 200
)
server.mount("/", Echo)
server.start
