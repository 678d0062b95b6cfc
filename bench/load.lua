-- Requests for wrk. Arguments: KEEP|CLOSE, PROXY|PLAIN, connections of the thread, then `METHOD host path [header: value]…` lines in a file.
-- wrk has no PROXY protocol of its own, but sends what request() returns: on each connection the first time with a PROXY header.
local requests, headed = {}, 0
local close, proxy, calls, turn = false, false, 0, 0
local header = "PROXY TCP4 203.0.113.7 203.0.113.80 40000 443\r\n"

function init(args)
   close, proxy = args[1] == "CLOSE", args[2] == "PROXY"
   headed = tonumber(args[3])
   for line in io.lines(args[4]) do
      local method, host, path, more = line:match("^(%S+) (%S+) (%S+) ?(.*)$")
      local text = method .. " " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\nUser-Agent: wrk\r\nAccept: */*\r\n"
      if more ~= "" then text = text .. more .. "\r\n" end
      if close then text = text .. "Connection: close\r\n" end
      requests[#requests + 1] = text .. "\r\n"
   end
end

-- The first call is wrk's own, to see whether it is a request; nothing of it is sent. The next ones are the connections' first.
function request()
   turn = turn % #requests + 1
   local text = requests[turn]
   calls = calls + 1
   if proxy and calls > 1 and (close or calls <= headed + 1) then return header .. text end
   return text
end

function done(summary, latency, _)
   local e = summary.errors
   print(string.format('RESULT {"requests":%d,"durationUs":%d,"failed":%d,"p50Us":%d,"p99Us":%d}', summary.requests, summary.duration,
      e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
