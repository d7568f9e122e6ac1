namespace Presence.Protocol.Tests;
