// Connect to the WebSocket server
const ws = new WebSocket('ws://server-address:3000');

// Handle connection open
ws.onopen = () => {
  console.log('Connected to the server');
  
  // Authenticate
  ws.send(JSON.stringify({
    type: 'authenticate',
    token: 'your_jwt_token'
  }));
};

// Handle incoming messages
ws.onmessage = (event) => {
  const message = JSON.parse(event.data);
  console.log('Received:', message);
  
  // Handle authentication response
  if (message.type === 'authentication_response' && message.success) {
    // Join a channel
    ws.send(JSON.stringify({
      type: 'join_channel',
      channelId: 'channel-id'
    }));
  }
  
  // Handle other message types
  if (message.type === 'new_message') {
    // Display the message
    console.log(`${message.data.sender}: ${message.data.text}`);
  }
};

// Send a message
function sendMessage(channelId, text) {
  ws.send(JSON.stringify({
    type: 'send_message',
    channelId,
    text,
    containsPHI: false
  }));
}
