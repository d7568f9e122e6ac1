namespace Presence.Server.Tests;
