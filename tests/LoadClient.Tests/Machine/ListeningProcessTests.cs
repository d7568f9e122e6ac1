using System.Net;
using System.Net.Sockets;
using Presence.LoadClient.Machine;
using Xunit;

namespace Presence.LoadClient.Tests.Machine;

public sealed class ListeningProcessTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void The_process_that_listens_is_found(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Equal(Environment.ProcessId, ListeningProcess.Find(new IPEndPoint(IPAddress.Loopback, port)));
    }

    [Fact]
    public void The_same_port_of_another_address_is_another_listener()
    {
        using var listener = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        Assert.Equal(Environment.ProcessId, ListeningProcess.Find(address));
        Assert.Null(ListeningProcess.Find(new(IPAddress.Parse("127.0.0.3"), address.Port)));
    }

    [Fact]
    public void Nobody_listens_where_nobody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        Assert.Null(ListeningProcess.Find(address));
    }

    [Fact]
    public void Another_machine_is_not_looked_into()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        Assert.Null(ListeningProcess.Find(new IPEndPoint(IPAddress.Parse("203.0.113.1"), ((IPEndPoint)listener.LocalEndpoint).Port)));
    }

    [Fact]
    public void Usage_is_read_of_a_process_and_not_of_none()
    {
        Usage usage = new ServerUsage(static () => [Environment.ProcessId]).Read()!.Value;
        Assert.True(usage.Cpu > TimeSpan.Zero);
        Assert.InRange(usage.RssBytes, 1 << 20, 1L << 40);
        // Twice the same, as far as a process that lives meanwhile stays the same.
        long twice = new ServerUsage(static () => [Environment.ProcessId, Environment.ProcessId]).Read()!.Value.RssBytes;
        Assert.InRange(twice / (double)usage.RssBytes, 1.5, 2.5);
        Assert.Null(new ServerUsage(static () => []).Read());
        Assert.Null(new ServerUsage(static () => [Environment.ProcessId, int.MaxValue]).Read());
    }
}
