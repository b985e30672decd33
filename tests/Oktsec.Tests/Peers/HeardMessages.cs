using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>The notifications and requests of a server, in the order in which the client received them.</summary>
internal sealed class HeardMessages
{
    // 20 s: the slowest timer of a reference server fires every 5 s, and a loaded machine is several times slower.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly List<JsonObject> _messages = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<JsonObject> All
    {
        get
        {
            lock (_lock)
                return [.. _messages];
        }
    }

    public void Add(string method, JsonNode? parameters)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _messages.Add(new JsonObject { ["method"] = method, ["params"] = parameters?.DeepClone() });
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    /// <summary>Waits until the messages heard so far satisfy the condition; false when patience ends first.</summary>
    public async Task<bool> WaitAsync(Func<IReadOnlyList<JsonObject>, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task changed;
            bool satisfied;
            lock (_lock)
            {
                satisfied = condition(_messages);
                changed = _changed.Task;
            }
            if (satisfied)
                return true;
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
