namespace Oktsec.TestServer;

/// <summary>The command line. <see cref="Help"/> is its documentation.</summary>
internal sealed class Arguments
{
    public const string Help = """
        Oktsec.TestServer: an MCP server that does what a test asks of it. Without arguments it speaks stdio.

          --http                 Streamable HTTP at /mcp and HTTP+SSE at /sse; prints "listening http://127.0.0.1:PORT" on stdout
          --port N               with --http; 0, the default, takes a free one
          --script FILE          JSON that adds to or replaces what is offered:
                                   {"name": "...", "version": "...", "instructions": "...", "protocolVersion": "...", "capabilities": {...},
                                    "pageSize": 2, "onlyScript": true, "taskMessage": "...", "completions": ["..."],
                                    "answers": {"METHOD": result} (--modern: of extensions),
                                    "tools": [{"name": "...", "description": "...", ..., "x-say": [messages sent first], "x-crash-once": "FILE" (exits unless there is one),
                                               "x-cut-once": "FILE" (closes its output, or the stream, unless there is one),
                                               "x-rounds": {"STATE": result} (by the requestState it came with), "x-result": {...} | "x-error": {...}
                                               | "x-ask": {"method": "...", "params": {...}}, whose whole answer is the result; with x-error that comes after it}],
                                    "resources": [{"uri": "...", "name": "...", "x-contents": [...]}],
                                    "resourceTemplates": [...], "prompts": [{"name": "...", "x-messages": [...], "x-ask": {"method": "..."}}]}
                                 With "tasks" among the capabilities, a call with params.task becomes a task: task-1, task-2, ... in each session.
                                 Members that begin with x- are answers, everything else is listed as it stands. onlyScript drops the built-in ones.
          --received FILE        appends every message received, byte for byte, one per line
          --poisoned             offers a tool whose description carries an injection
          --early-notification   sends list_changed before the initialize response
          --mute                 never answers initialize
          --fail-start CODE      writes a line to stderr and exits
          --banner               prints lines that are no JSON before anything else
          --pids FILE            appends its own pid, and the pid of the grandchild
          --ignore-eof           goes on when stdin ends
          --ignore-sigterm       goes on when asked to end
          --grandchild           starts a process that ignores everything and holds stdout open
          --exit-on-eof          with --http: ends when stdin does, and so with whoever started it
          --modern               speaks 2026-07-28 only: initialize is refused, every request says its version, nothing is kept but subscriptions
          --both                 the same, and the revisions with sessions too
          --versions LIST        what server/discover names, with commas between; default 2026-07-28
          --no-listen            with --modern: subscriptions/listen is unknown
          --silent               says nothing to a method it does not know, as old servers do
          --only-initialize      exits when the first thing it hears is not initialize, as some servers do
          --json                 with --http: answers POST with JSON where it can, else with an event stream
          --stateless            with --http: no Mcp-Session-Id
          --no-get               with --http: 405 for GET
          --forgotten STATUS     with --http: what a message in an unknown session gets; default 404
          --ignore METHOD        never answers it, in a session
          --hang-lists FILE      leaves lists without an answer while there is such a file
          --fail-lists FILE      answers lists with an error while there is such a file
          --event-ids            with --http: events carry ids and streams can be resumed
          --only-sse             with --http: /mcp is 404, as on a server of 2024-11-05
          --foreign-endpoint URL with --http: the endpoint event of /sse says URL
          --redirect URL         with --http: /redirect answers 307 to URL; default /mcp
          --http-log FILE        with --http: appends "METHOD PATH STATUS session=... version=... last=..." per request

        Further paths with --http: /status/CODE answers that status, /text plain text.

        Tools: see Tools/*.cs, or ask tools/list.

        """;

    public bool Http { get; private set; }

    public int Port { get; private set; }

    public string? ScriptFile { get; private set; }

    public string? ReceivedFile { get; private set; }

    public bool Poisoned { get; private set; }

    public bool EarlyNotification { get; private set; }

    public bool Mute { get; private set; }

    public int? FailStart { get; private set; }

    public bool Banner { get; private set; }

    public string? PidsFile { get; private set; }

    public bool IgnoreEof { get; private set; }

    public bool IgnoreSigterm { get; private set; }

    public bool Grandchild { get; private set; }

    /// <summary>Set for the grandchild itself.</summary>
    public bool Linger { get; private set; }

    public bool ExitOnEof { get; private set; }

    public bool Modern { get; private set; }

    /// <summary>Whether initialize opens a session.</summary>
    public bool Legacy { get; private set; } = true;

    public string[] Versions { get; private set; } = ["2026-07-28"];

    public bool NoListen { get; private set; }

    public bool Silent { get; private set; }

    public bool OnlyInitialize { get; private set; }

    public bool Json { get; private set; }

    public bool Stateless { get; private set; }

    public bool NoGet { get; private set; }

    public int Forgotten { get; private set; } = 404;

    public string? FailLists { get; private set; }

    public string? Ignored { get; private set; }

    public string? HangLists { get; private set; }

    public bool EventIds { get; private set; }

    public bool OnlySse { get; private set; }

    public string? ForeignEndpoint { get; private set; }

    public string? HttpLog { get; private set; }

    public string? Redirect { get; private set; }

    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out var name))
            parsed.Set(name, rest);
        return parsed;
    }

    private void Set(string name, Queue<string> rest)
    {
        switch (name)
        {
            case "--http": Http = true; break;
            case "--port": Port = int.Parse(rest.Dequeue()); break;
            case "--script": ScriptFile = rest.Dequeue(); break;
            case "--received": ReceivedFile = rest.Dequeue(); break;
            case "--poisoned": Poisoned = true; break;
            case "--early-notification": EarlyNotification = true; break;
            case "--mute": Mute = true; break;
            case "--fail-start": FailStart = int.Parse(rest.Dequeue()); break;
            case "--banner": Banner = true; break;
            case "--pids": PidsFile = rest.Dequeue(); break;
            case "--ignore-eof": IgnoreEof = true; break;
            case "--ignore-sigterm": IgnoreSigterm = true; break;
            case "--grandchild": Grandchild = true; break;
            case "--linger": Linger = true; break;
            case "--exit-on-eof": ExitOnEof = true; break;
            case "--modern": (Modern, Legacy) = (true, false); break;
            case "--both": Modern = true; break;
            case "--versions": Versions = rest.Dequeue().Split(','); break;
            case "--no-listen": NoListen = true; break;
            case "--silent": Silent = true; break;
            case "--only-initialize": OnlyInitialize = true; break;
            case "--json": Json = true; break;
            case "--stateless": Stateless = true; break;
            case "--no-get": NoGet = true; break;
            case "--forgotten": Forgotten = int.Parse(rest.Dequeue()); break;
            case "--ignore": Ignored = rest.Dequeue(); break;
            case "--hang-lists": HangLists = rest.Dequeue(); break;
            case "--fail-lists": FailLists = rest.Dequeue(); break;
            case "--event-ids": EventIds = true; break;
            case "--only-sse": OnlySse = true; break;
            case "--foreign-endpoint": ForeignEndpoint = rest.Dequeue(); break;
            case "--http-log": HttpLog = rest.Dequeue(); break;
            case "--redirect": Redirect = rest.Dequeue(); break;
            default: throw new ArgumentException($"unknown argument {name}; see --help");
        }
    }
}
