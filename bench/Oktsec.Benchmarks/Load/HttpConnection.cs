using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Oktsec.Benchmarks.Load;

/// <summary>One Streamable HTTP session over one kept-alive connection: a blocking socket and no more HTTP than this needs.</summary>
internal sealed class HttpConnection : IConnection
{
    private const string Agent = "X-Oktsec-Agent: load\r\n"; // a session is ended by whom it belongs to

    private readonly int _port;
    private Socket _socket;
    private HttpAnswer _answer;
    private long _lastUsed = Environment.TickCount64;
    private byte[] _request = new byte[256 * 1024];
    private string _session = "";
    private byte[] _head;
    private bool _isStreaming;

    public HttpConnection(int port)
    {
        _port = port;
        _socket = Open();
        _answer = new HttpAnswer(_socket);
        _head = Head();
    }

    /// <summary>More header lines for each POST, each with its line end.</summary>
    public string Headers
    {
        get;
        set
        {
            field = value;
            _head = Head();
        }
    } = "";

    public ReadOnlySpan<byte> Call(ReadOnlySpan<byte> request)
    {
        Send(request);
        _answer.ReadHead();
        if (_answer.Status != 200)
            throw new InvalidDataException($"HTTP {_answer.Status} {Encoding.UTF8.GetString(_answer.ReadMessage())}");
        if (_session.Length == 0 && _answer.Session.Length > 0)
        {
            _session = _answer.Session;
            _head = Head();
        }
        return _answer.ReadMessage();
    }

    public void Notify(ReadOnlySpan<byte> notification)
    {
        Send(notification);
        _answer.ReadHead();
        if (_answer.Status is not (200 or 202))
            throw new InvalidDataException($"HTTP {_answer.Status} for a notification");
    }

    /// <summary>Opens the session's stream for messages of the server and leaves it unread; the connection can make no more calls.</summary>
    public void OpenStream()
    {
        _answer.Drain();
        _isStreaming = true;
        _socket.Send(Encoding.ASCII.GetBytes(
            $"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\nAccept: text/event-stream\r\n{Agent}{SessionHeaders()}\r\n"));
    }

    public void Dispose()
    {
        if (_isStreaming)
        {
            _socket.Dispose();
            new HttpConnection(_port) { _session = _session }.Dispose();
            return;
        }
        // The server may be gone already; the session then is, too.
        try
        {
            _answer.Drain();
            if (_session.Length > 0)
            {
                _socket.Send(Encoding.ASCII.GetBytes($"DELETE /mcp HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\n{Agent}{SessionHeaders()}\r\n"));
                _answer.ReadHead();
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
        }
        _socket.Dispose();
    }

    private void Send(ReadOnlySpan<byte> message)
    {
        _answer.Drain();
        Refresh();
        var body = message.TrimEnd((byte)'\n');
        if (_request.Length < _head.Length + 32 + body.Length)
            _request = new byte[(_head.Length + 32 + body.Length) * 2];
        _head.CopyTo(_request, 0);
        var at = _head.Length;
        body.Length.TryFormat(_request.AsSpan(at), out var digits);
        at += digits;
        "\r\n\r\n"u8.CopyTo(_request.AsSpan(at));
        body.CopyTo(_request.AsSpan(at + 4));
        var rest = _request.AsSpan(0, at + 4 + body.Length);
        while (!rest.IsEmpty)
            rest = rest[_socket.Send(rest)..];
    }

    /// <summary>Opens a new connection when the server closed this one while others had their turn: Node does so after 5 idle seconds.</summary>
    private void Refresh()
    {
        var now = Environment.TickCount64;
        if (now - _lastUsed > 1000 && _socket.Poll(0, SelectMode.SelectRead))
        {
            _socket.Dispose();
            _socket = Open();
            _answer = new HttpAnswer(_socket);
        }
        _lastUsed = now;
    }

    private Socket Open()
    {
        // 60 s: a call that takes longer is a hang, and the run must end.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
        socket.Connect(IPAddress.Loopback, _port);
        return socket;
    }

    private byte[] Head() => Encoding.ASCII.GetBytes(
        $"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\nAccept: application/json, text/event-stream\r\n" +
        $"Content-Type: application/json\r\n{Agent}{SessionHeaders()}{Headers}Content-Length: ");

    private string SessionHeaders() => _session.Length == 0
        ? ""
        : $"Mcp-Session-Id: {_session}\r\nMCP-Protocol-Version: {Handshake.ProtocolVersion}\r\n";
}
