import { mount } from 'svelte';
import App from './app/App.svelte';
import { refetchStyles } from './app/styles';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/forced-colors.css';
import './styles/print.css';

refetchStyles();
const target = document.getElementById('app');
if (target) mount(App, { target });
